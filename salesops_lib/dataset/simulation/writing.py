"""Writing a company so that the same settings give the same bytes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd

from salesops_lib.dataset import atomic
from salesops_lib.dataset.simulation.settings import Settings
from salesops_lib.dataset.simulation.tables import ACTIVITIES
from salesops_lib.errors import ParameterError, SalesOpsError

_TRUTH = "truth.json"
_SOURCE = "planted by salesops simulate"
ASSUMPTIONS: dict[str, tuple[str, float, str]] = {
    # name: (label, value, unit)
    "gross_margin": ("Gross margin on bookings", 0.68, "share"),
    "annual_cost": ("Pay and on-costs of a rep", 122_000, "money/year"),
    "hiring_cost": ("Cost of hiring one rep", 28_000, "money"),
    "vacancy_months": ("Time until a vacancy is filled", 3, "months"),
    "severance_cost": ("Cost of letting one rep go", 20_000, "money"),
    "training_manager_salary": ("Salary of a training manager", 120_000, "money/year"),
    "programme_cost": (
        "Training programme: a full-time training manager with on-costs",
        150_000,
        "money/year",
    ),
    "working_hours_week": ("Working hours in a week", 42, "hours"),
    "working_weeks_year": ("Working weeks in a year", 46, "count"),
}


def write(
    dest: Path,
    tables: dict[str, pd.DataFrame],
    truth: dict[str, Any],
    settings: Settings,
    *,
    format: str,
) -> Path:
    """Write everything into `dest`, made if it is not there: nothing is put there before all is
    written, and nothing where data of somebody's own may lie.

    Raises
    ------
    ParameterError
        If `format` is neither `csv.gz` nor `parquet`.
    SalesOpsError
        If `dest` holds something other than a company written before.
    """
    if format not in {"csv.gz", "parquet"}:
        raise ParameterError(f"format == {format!r}, must be 'csv.gz' or 'parquet'.")
    if dest.is_file() or (dest.is_dir() and any(dest.iterdir()) and not (dest / _TRUTH).exists()):
        raise SalesOpsError(f"{dest} is not empty. Give a new folder, or one that simulate wrote.")
    last = settings.calendar[settings.data_months][-1].end_time.strftime("%Y-%m-%d")
    texts = {
        "assumptions.toml": _assumptions_toml(last),
        "activities.toml": _activities_toml(),
        _TRUTH: json.dumps(_rounded(truth), indent=1, ensure_ascii=False) + "\n",
    }
    with atomic.folder(dest) as staged:
        for name, frame in tables.items():
            if format == "parquet":
                frame.to_parquet(staged / f"{name}.parquet", index=False)
            else:
                (staged / f"{name}.csv.gz").write_bytes(compressed_csv(frame))
        for name, text in texts.items():
            (staged / name).write_text(text, encoding="utf-8", newline="\n")
        dest.mkdir(parents=True, exist_ok=True)
        for one in sorted(staged.iterdir()):
            one.replace(dest / one.name)
    return dest


def compressed_csv(frame: pd.DataFrame) -> bytes:
    """The frame as gzipped CSV without a time stamp or a name in the header."""
    text = frame.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    return gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)


def _assumptions_toml(last_day: str) -> str:
    lines = [
        "# What the data cannot say and money figures lean on. Replace with your own.",
        'currency = "$"',
        f'data_through = "{last_day}"',
    ]
    for name, (label, value, unit) in ASSUMPTIONS.items():
        lines += [
            "",
            f"[{name}]",
            f'label = "{label}"',
            f"value = {value}",
            f'unit = "{unit}"',
            f'source = "{_SOURCE}"',
        ]
    return "\n".join(lines) + "\n"


def _activities_toml() -> str:
    lines = ["# Which activities are selling, and whose work each is."]
    for name, (_, selling, owner) in ACTIVITIES.items():
        lines += ["", f'["{name}"]', f"selling = {str(selling).lower()}", f'owner = "{owner}"']
    return "\n".join(lines) + "\n"


def _rounded(value: Any) -> Any:
    """Plain values with eight significant digits, so that no platform's last bit shows."""
    if isinstance(value, dict):
        return {str(k): _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    return float(f"{float(value):.8g}")
