"""A fictional company whose truth is known: for the bundled sample, for tests and calibration."""

from salesops_lib.dataset.simulation.company import Company, simulate_company

__all__ = ["Company", "simulate_company"]
