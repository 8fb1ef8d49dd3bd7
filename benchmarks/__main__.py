"""`make bench`: each line a ratio of two times measured in one run on one machine."""

from benchmarks.runner import HERE, main

main("benchmarks", prefix="bench_", out=HERE / "results", what=__doc__)
