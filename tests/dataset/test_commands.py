"""The command line, run as a user does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from salesops_lib import cli

GOOD = "deal_id,rep_id,status,amount,close_date\n1,a,won,5,2026-01-30\n2,a,won,x,2026-01-30\n"


Done = tuple[int, str, str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Call the console script with arguments: exit code, stdout, stderr."""

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["salesops", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_check_prints_the_report_and_writes_the_quarantine(
    tmp_path: Path, run: Callable[..., Done]
) -> None:
    (tmp_path / "deals.csv").write_text(GOOD)
    code, out, err = run("check", str(tmp_path))
    assert code == 0, err
    assert "deals: 2 rows read, 1 used, 1 set aside" in out
    assert "deals, amount: is not a number (1 row: row 2 'x')\n    Write it as 1234.50" in out
    assert (tmp_path / "quarantine" / "deals.csv").read_text().startswith("row,reason,deal_id")
    (tmp_path / "deals.csv").write_text(GOOD.replace(",x,", ",6,"))
    assert run("check", str(tmp_path))[0] == 0
    assert not (tmp_path / "quarantine" / "deals.csv").exists()


def test_check_fails_where_a_table_cannot_be_used(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "deals.csv").write_text("deal_id,status\n1,won\n")
    code, _, err = run("check", str(tmp_path))
    assert code == 1
    assert "column 'rep_id'" in err


def test_an_import_prints_its_report_or_one_line_of_what_is_wrong(
    tmp_path: Path, run: Callable[..., Done]
) -> None:
    src = tmp_path / "export"
    src.mkdir()
    deals = "Id,OwnerId,StageName,Amount,CloseDate\n1,a,Closed Won,5,2026-01-30\n2,a,Gone,5,2026-01-30\n"
    (src / "Opportunity.csv").write_text(deals)
    code, out, err = run("import", "salesforce", str(src), str(tmp_path / "data"))
    assert code == 0, err
    assert "deals: 2 rows of Opportunity.csv read, 2 written, 0 left out" in out
    assert "  - deals: nothing tells the status of 1 row, whose StageName is Gone: passed on" in out
    (src / "Opportunity.csv").write_text(deals.replace("StageName", "Phase"))
    code, out, err = run("import", "salesforce", str(src), str(tmp_path / "again"))
    assert (code, out) == (1, "")
    assert err.startswith("salesops: column 'StageName': is not in Opportunity.csv (table deals)")
    assert len(err.splitlines()) == 1 and not (tmp_path / "again").exists()


def test_a_company_is_not_simulated_over_somebodys_data(
    tmp_path: Path, run: Callable[..., Done]
) -> None:
    """The margin that finance had written into assumptions.toml was gone."""
    options = ("--reps", "8", "--months", "6")
    mine = tmp_path / "assumptions.toml"
    mine.write_text("gross_margin = 0.5\n")
    code, _, err = run("simulate", str(tmp_path), *options)
    assert code == 1 and "is not empty. Give a new folder" in err
    assert [mine] == list(tmp_path.iterdir()) and mine.read_text() == "gross_margin = 0.5\n"
    for _ in range(2):  # a new folder, and one that it wrote
        assert run("simulate", str(tmp_path / "new"), *options)[0] == 0


def test_an_export_as_it_came_is_sent_to_the_import(
    tmp_path: Path, run: Callable[..., Done]
) -> None:
    (tmp_path / "export.csv").write_text("Nr,Wert\n1,5\n")
    code, _, err = run("check", str(tmp_path))
    assert code == 1 and "salesops import makes them" in err
    (tmp_path / "export.csv").rename(tmp_path / "deals.csv")
    code, _, err = run("check", str(tmp_path))
    assert code == 1 and "have salesops import make it; there are: Nr, Wert" in err


def test_check_fails_where_no_deal_is_left(tmp_path: Path, run: Callable[..., Done]) -> None:
    """Headings alone are no fault of the table, but nothing can be answered."""
    (tmp_path / "deals.csv").write_text(GOOD.partition("\n")[0] + "\n")
    code, out, err = run("check", str(tmp_path))
    assert code == 1
    assert "deals: 0 rows read" in out
    assert "the table 'deals' is there but holds no row" in err
    assert "Look at the filter of the export" in err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["check", "/nowhere/at/all"], 1, "there is nothing at"),
        (["check", "env:SURELY_NOT_SET"], 1, "not set"),
        (["check"], 2, "Missing argument"),
        (["nonsense"], 2, "No such command"),
        (["simulate", "x", "--reps", "many"], 2, "reps"),
        (["simulate", "x", "--months", "2"], 2, "months"),
        (["simulate", "x", "--months", "241"], 2, "months"),
        (["import", "only-one"], 2, "KIND SRC DEST"),
    ],
)
def test_exit_codes(
    arguments: list[str],
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[..., Done],
) -> None:
    monkeypatch.chdir(tmp_path)
    got, _, err = run(*arguments)
    assert got == code
    assert words in err


def test_a_folder_that_cannot_be_written(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "deals.csv").write_text(GOOD)
    (tmp_path / "file").write_text("")
    code, _, err = run("check", str(tmp_path), "--quarantine", str(tmp_path / "file" / "q"))
    assert code == 1
    assert err.startswith("salesops: ")


def test_help_needs_nothing_heavy() -> None:
    """Half a second is all that `salesops --help` has; pandas alone takes it."""
    code = (
        "import sys, salesops_lib.cli as cli\n"
        "sys.argv = ['salesops', '--help']\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'ibis', 'duckdb', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in ("check", "simulate", "import"):
        assert command in done.stdout
