"""Proof: `make bench` times ours against what a user would use instead, `make calibrate` counts how
often our intervals hold a planted truth."""
