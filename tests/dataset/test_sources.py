"""The same company from files, a DuckDB file and a PostgreSQL server; URLs that no file may hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import keyring
import keyring.backend
import pandas as pd
import pytest

from salesops_lib.dataset import Dataset, load_dataset, reading
from salesops_lib.dataset.databases import without_password
from salesops_lib.dataset.loading import examine, load, pin
from salesops_lib.dataset.reading import located
from salesops_lib.errors import DataError
from tests.dataset.companies import random_tables
from tests.postgres import postgres as server

TABLES = random_tables(2)


def agree(left: Dataset, right: Dataset) -> None:
    pd.testing.assert_frame_equal(left.rep_months(), right.rep_months())
    pd.testing.assert_frame_equal(left.deals(), right.deals())


@pytest.fixture
def reference() -> Dataset:
    return Dataset.from_frames(TABLES)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "parquet", "tsv"])
def test_files(tmp_path: Path, reference: Dataset, suffix: str) -> None:
    for name, frame in TABLES.items():
        path = tmp_path / f"{name}.{suffix}"
        if suffix == "parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False, sep="\t" if suffix == "tsv" else ",")
    agree(load_dataset(tmp_path), reference)


def test_duckdb_file(tmp_path: Path, reference: Dataset) -> None:
    path = tmp_path / "company.duckdb"
    with duckdb.connect(str(path)) as connection:
        for name, frame in TABLES.items():
            connection.register("frame", frame)
            connection.execute(f'create table "{name}" as select * from frame')
        connection.execute(
            "create table assumptions as select 'gross_margin' as name, 0.4 as value"
        )
        connection.execute("create table other as select 1")
    dataset = load_dataset(path)
    agree(dataset, reference)
    assert dataset.assumptions["gross_margin"].value == 0.4


def test_a_file_that_is_no_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "company.duckdb"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(DataError, match="cannot be opened"):
        load_dataset(path)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of a real server with the company in it."""
    with server() as one:
        one.fill(TABLES)
        yield one.url


def test_postgres(postgres: str, reference: Dataset) -> None:
    dataset = load_dataset(postgres)
    pd.testing.assert_frame_equal(dataset.rep_months(), reference.rep_months())
    pd.testing.assert_frame_equal(
        dataset.pipeline_on("2025-08-31"), reference.pipeline_on("2025-08-31")
    )


def test_postgres_by_environment_and_pinned(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_DB", postgres)
    before = load_dataset("env:SALES_DB")
    for name, value in pin("env:SALES_DB")[1].items():
        assert "postgres" not in value
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SALES_DB")  # nothing is asked of the server any more
    agree(load_dataset("env:SALES_DB"), before)


def test_no_server_no_password_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setenv("SALES_DB", "postgresql://ann:s3cr3t@127.0.0.1:1/sales?connect_timeout=1")
    with pytest.raises(DataError, match="cannot be opened") as caught:
        load_dataset("env:SALES_DB")
    assert "s3cr3t" not in str(caught.value)
    assert "ann:***@127.0.0.1" in str(caught.value)


def test_passwords_are_blotted_out() -> None:
    assert without_password("see postgresql://u:p@h/db now") == "see postgresql://u:***@h/db now"
    assert without_password("u:p failed for secret", "x://u:secret@h") == "u:p failed for ***"
    assert without_password("no url") == "no url"


class _Ring(keyring.backend.KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return "/data" if (service, username) == ("sales", "ann") else None

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def test_keyring() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(_Ring())
    try:
        assert located("keyring:sales/ann") == "/data"
        with pytest.raises(DataError, match="nothing under sales/bob"):
            located("keyring:sales/bob")
        with pytest.raises(DataError, match="SERVICE/USER"):
            located("keyring:sales")
    finally:
        keyring.set_keyring(before)


def test_environment_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(DataError, match="NOT_SET is not set"):
        load("env:NOT_SET")


def test_sample_absent_says_how_to_make_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "sample_folder", lambda: tmp_path / "none")
    with pytest.raises(DataError, match="make sample"):
        load("sample")


def test_sample_lies_beside_the_package(project: Path) -> None:
    assert reading.sample_folder() == project / "data" / "sample"


def test_the_lazy_table_is_an_ibis_table(reference: Dataset) -> None:
    deals = reference.table("deals")
    assert deals.count().execute() == len(reference.deals())
    with pytest.raises(DataError):
        reference.table("dals")


class TestAddresses:
    def test_a_duckdb_file_by_its_address(self, tmp_path: Path) -> None:
        path = tmp_path / "company.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("create table deals as select 'D1' deal_id, 'R1' rep_id, 'won' status, "
                               "10.0 amount, date '2026-03-04' close_date")  # fmt: skip
        for address in (f"duckdb://{path}", f"duckdb://{path}?read_only=true"):
            assert load_dataset(address).deals()["deal_id"].tolist() == ["D1"]

    def test_an_address_where_nothing_is_makes_no_file(self, tmp_path: Path) -> None:
        path = tmp_path / "nothing.duckdb"
        with pytest.raises(DataError, match=r"nothing\.duckdb cannot be opened"):
            load_dataset(f"duckdb://{path}")
        assert not path.exists()


class TestTablesInMemory:
    @pytest.mark.parametrize("given", [None, [1], {"deal_id": ["D1"]}])
    def test_what_is_no_frame_is_named(self, given: object) -> None:
        with pytest.raises(DataError, match=r"table 'deals' is a .*no pandas DataFrame"):
            Dataset.from_frames({"deals": given})  # type: ignore[dict-item]

    def test_what_is_no_mapping_of_tables(self) -> None:
        with pytest.raises(DataError, match=r"by their names.*\{\"deals\": frame\}"):
            Dataset.from_frames(pd.DataFrame({"deal_id": ["D1"]}).values)  # type: ignore[arg-type]

    @pytest.mark.parametrize("names", [["amount", "amount"], [1, "1"]])
    def test_a_heading_twice_is_named(self, names: list[object]) -> None:
        frame = pd.DataFrame([["D1", "won", 1.0, 2.0]], columns=["deal_id", "status", *names])
        with pytest.raises(DataError, match="more than once") as caught:
            Dataset.from_frames({"deals": frame})
        assert caught.value.column == str(names[0])


def made(path: Path, *statements: str) -> Path:
    """A DuckDB file in which a few deals and reps lie under the names d and r."""
    with duckdb.connect(str(path)) as connection:
        for name, table in (("d", "deals"), ("r", "reps")):
            connection.register("frame", TABLES[table])
            connection.execute(f"create table {name} as select * from frame")
        for statement in statements:
            connection.execute(statement)
    return path


def test_a_view_of_what_is_gone_is_a_fault_and_not_a_crash(tmp_path: Path) -> None:
    """It ended in a traceback of the database, for `salesops check` too."""
    path = made(
        tmp_path / "company.duckdb",
        "create view deals as select * from d",
        "create view reps as select * from r",
        "drop table r",
    )
    (fault,) = examine(path).faults
    assert "reps cannot be read" in str(fault) and "r does not exist" in str(fault)
    assert fault.remedy
    with pytest.raises(DataError, match="reps cannot be read"):
        load_dataset(path)


@pytest.mark.parametrize(
    ("kind", "true", "false"),
    [("varchar", "'true'", "'false'"), ("integer", "1", "0"), ("boolean", "true", "false")],
)
def test_false_in_text_is_not_selling(tmp_path: Path, kind: str, true: str, false: str) -> None:
    """'false' was taken for true: every hour was a selling hour."""
    path = made(
        tmp_path / "company.duckdb",
        "create view deals as select * from d",
        f"create table activity_kinds (activity varchar, selling {kind}, owner varchar)",
        f"insert into activity_kinds values ('Calls', {true}, 'sales'), ('Travel', {false}, null)",
    )
    kinds = load_dataset(path).activity_kinds
    assert (kinds["Calls"].selling, kinds["Travel"].selling) == (True, False)
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table activity_kinds")
        connection.execute(
            "create table activity_kinds as select 'Calls' activity, 'maybe' selling"
        )
    with pytest.raises(DataError, match="whether it is selling"):
        load_dataset(path)


def test_settings_of_a_database_are_not_passed_over(tmp_path: Path) -> None:
    """Under `Value` an assumption was read as none, and the default used without a word."""
    path = made(
        tmp_path / "company.duckdb",
        "create view deals as select * from d",
        "create table assumptions as select 'gross_margin' as Name, 0.4::decimal(9, 2) as Value",
    )
    assert load_dataset(path).assumptions["gross_margin"].value == 0.4
    with duckdb.connect(str(path)) as connection:
        connection.execute("alter table assumptions rename column Value to amount")
    with pytest.raises(DataError, match="assumptions has no such column") as caught:
        load_dataset(path)
    assert "value" in str(caught.value)


@pytest.mark.parametrize("name", ["Assumptions.toml", "assumption.toml", "assumptions.toml.txt"])
def test_settings_under_another_name_are_said(tmp_path: Path, name: str) -> None:
    """Under Assumptions.toml a margin of .2 was .7, and nothing was said."""
    TABLES["deals"].to_csv(tmp_path / "deals.csv", index=False)
    assert not any("Call it" in one for one in load_dataset(tmp_path).notices)
    (tmp_path / name).write_text("gross_margin = 0.2")
    made = load_dataset(tmp_path)
    assert made.assumptions["gross_margin"].is_default
    said = f"not read: {name}. Call it assumptions.toml."
    assert any(said in one for one in [*made.notices, *made.quality.lines()])
