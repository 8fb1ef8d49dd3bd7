"""`make calibrate`: the full Monte Carlo behind every interval, seeds fixed, tables committed."""

from benchmarks.runner import HERE, main

main("benchmarks.calibration", prefix="", out=HERE / "calibration", what=__doc__)
