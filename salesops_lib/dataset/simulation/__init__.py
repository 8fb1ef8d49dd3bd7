"""A fictional company whose truth is known: for the bundled sample, for tests and calibration.

`company` puts together, from `settings`: `market` paths, `people`, the `rates` at which they win, `deals`, and from
these the `tables` of a CRM; `truth` and `truth_pipeline` are what was planted, `writing` makes the files.
"""

from salesops_lib.dataset.simulation.company import Company, simulate_company

__all__ = ["Company", "simulate_company"]
