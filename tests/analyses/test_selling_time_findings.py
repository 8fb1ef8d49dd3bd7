"""Planted shares, hours and what a person is worth; the full Monte Carlo is `make calibrate`'s
`selling_time_findings`."""

from __future__ import annotations

from benchmarks.calibration import selling_time_findings as planted

COMPANIES = 60


def test_intervals_hold() -> None:
    """Nine times in ten, to within two points and the binomial error of 60 companies of 12 reps."""
    rows = planted.block(0, 100, COMPANIES, planted.SEED)
    table = planted.judged(planted.WORLDS[0].name, rows, planted.SEED).set_index("quantity")
    # How far off the worth of hours is on average takes thousands of companies.
    held = (table["coverage"] - planted.NOMINAL).abs() <= 0.02 + 2 * (0.09 / COMPANIES) ** 0.5
    assert held.all(), table.loc[~held, "coverage"].to_string()
    sharp = ["selling_share", "movable_hours_week"]
    assert (table.loc[sharp, "bias"].abs() <= 0.05).all()
