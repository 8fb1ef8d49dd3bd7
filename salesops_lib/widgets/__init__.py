"""What-if controls, one module an analysis; built only where a person is at the notebook."""
