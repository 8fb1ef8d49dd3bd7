"""Find the modules that offer `run()`, run them, and keep their tables."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pandas as pd

HERE = Path(__file__).parent


def modules(package: str, prefix: str = "") -> list[str]:
    """Names of the modules of `package` that hold a table to make."""
    folder = HERE if package == "benchmarks" else HERE / package.rpartition(".")[2]
    return sorted(
        found.name
        for found in pkgutil.iter_modules([str(folder)])
        if found.name.startswith(prefix)
        and "\ndef run(" in (folder / f"{found.name}.py").read_text(encoding="utf-8")
    )


def main(package: str, *, prefix: str, out: Path, what: str) -> None:
    """Run the modules named on the command line, or all, and write one table each."""
    names = modules(package, prefix)
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(names)}; all by default")
    chosen = parser.parse_args().names or names
    unknown = sorted({prefix + n.removeprefix(prefix) for n in chosen} - set(names))
    if unknown:
        parser.error(f"no {', '.join(unknown)}; there are: {', '.join(names)}")
    out.mkdir(exist_ok=True)
    for name in (prefix + n.removeprefix(prefix) for n in chosen):
        start = time.perf_counter()
        table = importlib.import_module(f"{package}.{name}").run()
        path = out / f"{name.removeprefix(prefix)}.csv"
        table.to_csv(path, index=False, float_format="%.4g")
        print(f"\n{name}: {time.perf_counter() - start:.0f} s, written to {path.relative_to(HERE)}")
        with pd.option_context("display.width", 200, "display.max_columns", 30):
            print(table.to_string(index=False, float_format=lambda x: f"{x:.4g}"))
