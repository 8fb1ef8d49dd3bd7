"""The canonical sales tables: read, parsed, set aside with a reason or accepted, validated.

Reading: `loading` opens what a user names; `reading` has its sources, `folders`, `workbooks` and `databases`, and
`decoding`, `damage` say what a file of text is. `prepared` keeps what was read, `loading_bundle` sends it elsewhere,
`homes`, `salt` and `atomic` are about the user's own files.

At the door: `schema` has tables and columns, `admission` takes each through `parsing` (`amounts`, `currency`,
`day_order`, `midnights`), `totals` and `rules`, `building` puts right what stands in several rows (`handovers`,
`moved_days`, `quota_periods`, `team_quotas`), `faults` and `quality` say what was set aside, `set_aside` what it would
have added.

Answering: `dataset` is what analyses see, over `whole` and `backend`: `rep_months`, `pipeline`, `records` (which
days are known), `sellers`, `assumptions`, `hires`, `pay`. `notices` say what a reader must know (`deal_notices`,
`people_notices`, `joins`, `scales`). `period`, `period_names` and `month_numbers` are about when, `scope` and
`small_groups` about whom a report is; `commands` is the command line. Packages: `importing` from a CRM, `simulation`
of a company.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from salesops_lib.errors import DataError

if TYPE_CHECKING:
    from salesops_lib.dataset.dataset import Dataset
    from salesops_lib.dataset.period import Period
    from salesops_lib.dataset.quality import QualityReport
    from salesops_lib.dataset.scope import Scope

# pandas, DuckDB and Ibis are loaded with the first use, not with the first import: the command
# line answers at once.
_WHERE = {
    "Dataset": "salesops_lib.dataset.dataset",
    "Period": "salesops_lib.dataset.period",
    "QualityReport": "salesops_lib.dataset.quality",
    "Scope": "salesops_lib.dataset.scope",
}

__all__ = ["Dataset", "Period", "QualityReport", "Scope", "load_dataset"]


def load_dataset(path: str | os.PathLike[str]) -> Dataset:
    """Load the canonical tables.

    Parameters
    ----------
    path
        A folder of Parquet or CSV files (`.gz` too), a DuckDB file, a database URL, `env:NAME` or
        `keyring:SERVICE/USER` holding such a URL, or `sample` for the bundled company.

    Raises
    ------
    DataError
        If nothing is there or a table cannot be used.
    """
    from salesops_lib.dataset.loading import load

    if not isinstance(path, str | os.PathLike):
        raise DataError(
            f"a {type(path).__name__} is no path to load a dataset from",
            remedy='Tables in memory are one by Dataset.from_frames({"deals": frame}).',
        )
    return load(path)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'salesops_lib.dataset' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value
