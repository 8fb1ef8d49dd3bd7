"""Limits of the shell or service that a run was started from, looked at before anything starts.

Where they are too low every kernel dies in C code, each with words of its own that name no remedy.
"""

from __future__ import annotations

import resource
from contextlib import suppress

from salesops_lib.errors import ReportError

# Measured on the sample: a kernel holds up to 78 files open, and has 1.97 GB of address space, most of
# which it never touches.
_FILES, _USUAL_FILES = 128, 1024
_SPACE = 2 << 30


def check_limits() -> None:
    """Raise the number of open files as far as this process may, and see that the rest is enough.

    Raises
    ------
    ReportError
        If no report could be made within the limits, with what to do.
    """
    _check_files()
    space = resource.getrlimit(resource.RLIMIT_AS)[0]
    if space != resource.RLIM_INFINITY and space < _SPACE:
        raise ReportError(
            f"A process may take only {space / 1e9:.1f} GB of address space here ('ulimit -v'), and a "
            f"report needs {_SPACE / 1e9:.1f} GB, most of it never used. Say 'ulimit -v unlimited' before "
            "(in a systemd service: LimitAS=infinity); what a notebook may use is limited by "
            "memory_limit of a pack."
        )


def _check_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else _USUAL_FILES
    if soft != resource.RLIM_INFINITY and soft < min(_USUAL_FILES, most):
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(_USUAL_FILES, most), hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft != resource.RLIM_INFINITY and soft < _FILES:
        raise ReportError(
            f"A process may have only {soft} files open here ('ulimit -n'), and a report needs {_FILES}. "
            f"Say 'ulimit -n {_USUAL_FILES}' before; where that is refused, the limit was set above: "
            "LimitNOFILE= of a systemd service, nofile in /etc/security/limits.conf, --ulimit of a "
            "container."
        )
