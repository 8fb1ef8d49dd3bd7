"""Identities of the code base: imports run one way, one analysis is one name everywhere."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import salesops_lib
from salesops_lib.registry import ANALYSES

# Lowest first; a module may import from its own layer or a lower one.
LAYERS = (
    ("errors", "mime"),
    ("estimate",),
    ("wording", "registry"),
    ("statistics", "dataset"),
    ("analyses",),
    ("figures",),
    ("widgets",),
    ("story",),
    ("reporting",),
    ("cli",),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "salesops_lib":
                found |= {name.name for name in node.names}
            elif node.module.startswith("salesops_lib."):
                found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {
                name.name.split(".")[1]
                for name in node.names
                if name.name.startswith("salesops_lib.")
            }
    return found & set(RANK)


def modules(project: Path) -> list[Path]:
    return sorted((project / "salesops_lib").rglob("*.py"))


def test_imports_run_one_way(project: Path) -> None:
    wrong = []
    for path in modules(project):
        inside = path.relative_to(project / "salesops_lib")
        home = inside.parts[0].removesuffix(".py")
        if home not in RANK:
            continue
        wrong += [
            f"{inside} imports {other}" for other in imported(path) if RANK[other] > RANK[home]
        ]
    assert not wrong, wrong


def test_statistics_and_dataset_do_not_know_each_other(project: Path) -> None:
    for home, other in (("statistics", "dataset"), ("dataset", "statistics")):
        for path in (project / "salesops_lib" / home).rglob("*.py"):
            if "simulation" not in path.parts:
                assert other not in imported(path), path


def test_only_one_module_calls_pingouin(project: Path) -> None:
    users = [
        path.relative_to(project).as_posix()
        for path in modules(project)
        if any(
            line.startswith(("import pingouin", "from pingouin"))
            for line in (text.strip() for text in path.read_text(encoding="utf-8").splitlines())
        )
    ]
    assert users in ([], ["salesops_lib/statistics/means.py"])


def test_analyses_neither_print_nor_plot_nor_read(project: Path) -> None:
    banned = {"matplotlib", "seaborn", "IPython", "ipywidgets", "plotly"}
    for home in ("analyses", "statistics"):
        for path in (project / "salesops_lib" / home).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    names = {one.name.split(".")[0] for one in node.names}
                    assert not names & banned, path
                if isinstance(node, ast.ImportFrom) and node.module:
                    assert node.module.split(".")[0] not in banned, path
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    assert node.func.id not in {"print", "open"}, (path, node.lineno)
                    # Words may say whole counts; the numbers of an analysis are never rounded.
                    if home == "analyses" and "words" not in path.stem:
                        assert node.func.id != "round", (path, node.lineno)


@pytest.mark.parametrize("name", [one.name for one in ANALYSES])
def test_one_analysis_one_name(project: Path, name: str) -> None:
    for place in (
        f"salesops_lib/analyses/{name}/words.py",
        f"salesops_lib/figures/{name}.py",
        f"salesops_lib/widgets/{name}.py",
        f"notebooks/{name}.ipynb",
    ):
        assert (project / place).is_file(), place
    assert list((project / "tests/analyses").glob(f"test_{name}*.py"))


def test_an_analysis_of_ones_own_is_importable_after_one_line(
    project: Path, tmp_path: Path
) -> None:
    """Added to a copy as CONTRIBUTING says: its package and a line of the registry, no other file."""
    library = tmp_path / "salesops_lib"
    shutil.copytree(project / "salesops_lib", library, ignore=shutil.ignore_patterns("__pycache__"))
    own = library / "analyses" / "sales_cycle"
    own.mkdir()
    (own / "__init__.py").write_text(
        "from salesops_lib.analyses.sales_cycle.days import sales_cycle"
    )
    (own / "days.py").write_text("def sales_cycle():\n    return 60\n")
    registry, last = library / "registry.py", "    # Last: it reads"
    line = '    Analysis("sales_cycle", "How long does a deal take?", headline="days"),\n'
    registry.write_text(registry.read_text().replace(last, line + last, 1))
    code = "import salesops_lib; from salesops_lib import sales_cycle; print(sales_cycle())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.stdout.strip() == "60", done.stderr


def test_every_parameter_of_a_public_function_is_explained() -> None:
    """And what it raises."""
    functions = [getattr(salesops_lib, name) for name in salesops_lib.__all__]
    functions = [one for one in functions if inspect.isfunction(one)]
    assert len(functions) > 15
    for one in functions:
        text = inspect.getdoc(one) or ""
        _, _, section = text.partition("Parameters\n----------\n")
        section = re.split(r"\n\n\w+\n-", section)[0]
        heads = re.findall(r"^\w[\w, ]*$", section, flags=re.MULTILINE)
        told = {name.strip() for head in heads for name in head.split(",")}
        assert told == set(inspect.signature(one).parameters), one.__name__
        assert "Raises\n------" in text, one.__name__


def test_a_large_package_says_where_everything_is(project: Path) -> None:
    """Its docstring names each of its modules; up to eleven are seen at a glance."""
    for package in (project / "salesops_lib").rglob("__init__.py"):
        text = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))) or ""
        names = {path.stem for path in package.parent.glob("*.py")} - {"__init__"}
        # One figure module or more an analysis, of its name: the listing tells.
        if len(names) > 11 and package.parent.name != "figures":
            missing = sorted(name for name in names if f"`{name}`" not in text)
            assert not missing, (package.parent.name, missing)


def test_no_catch_all_modules(project: Path) -> None:
    for path in modules(project):
        assert not {"utils", "helpers", "manager", "common", "misc"} & set(path.stem.split("_")), (
            path
        )


def test_lever_overlaps_name_known_findings() -> None:
    known = {lever.finding for one in ANALYSES for lever in one.levers}
    for one in ANALYSES:
        for lever in one.levers:
            assert set(lever.overlaps) <= known
