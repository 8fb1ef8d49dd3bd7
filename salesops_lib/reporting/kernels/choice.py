"""Whether kernels can be forked here; imports nothing that is not on every system."""

from __future__ import annotations

import os
import sys

# How kernels are started: `forked`, `ordinary`, or empty for the best this machine has.
CHOICE = "SALESOPS_KERNELS"
# Of the provisioner, as registered in pyproject.toml.
PROVISIONER = "salesops-forked"


def can_fork() -> bool:
    """Whether kernels can be forked here.

    On macOS forking a process that has touched system frameworks crashes, and Windows has no fork.
    """
    return sys.platform == "linux" and os.environ.get(CHOICE, "forked") != "ordinary"
