"""Pure functions from tables to frozen results, one package an analysis; see registry.py."""
