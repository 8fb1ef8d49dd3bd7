"""Reports and spreadsheets as people save them: titles, groups, several currencies, days and amounts as
they are written in Europe, and an export in several files."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesops_lib.errors import DataError
from tests.dataset.test_import_crm import DEALS, aside, run, statuses

HEAD = "Opportunity Owner,Opportunity ID,Stage,Closed,Won,Amount,Close Date,Created Date\n"
ROWS = "".join(f"Ann,{i},Closed Won,1,1,5,3/13/2026,1/5/2026\n" for i in range(1, 5))


def test_a_title_above_the_headings_is_named(tmp_path: Path) -> None:
    title = "Opportunity Report\nAs of 2026-10-01 09:12\n\n"
    with pytest.raises(DataError, match=r"first line of report7\.csv .* it is 'Opportunity Report', and 5 of 6 lines .* Take out the lines above the headings"):  # fmt: skip
        run(tmp_path, "salesforce", report7=title + HEAD + ROWS)
    assert not (tmp_path / "out").exists()


def test_a_title_above_semicolons_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"It has Opportunity Report\. If the headings stand further down, take out"):  # fmt: skip
        run(tmp_path, "salesforce", report7="Opportunity Report\n" + HEAD.replace(",", ";"))


def test_a_grouped_report_is_known_by_its_blanks(tmp_path: Path) -> None:
    """Each owner stands in the first row of a group only: nothing is guessed, and the way out is told."""
    rows = ROWS.replace("Ann,2", ",2").replace("Ann,3", ",3").replace("Ann,4", ",4")
    report, made = run(tmp_path, "salesforce", report7=HEAD + rows + "Subtotal,,,,,20,,\n")
    assert statuses(made) == {"1": "won"}
    (said,) = [one for one in report.notes if "without rep_id" in one]
    assert said.startswith("deals: 3 rows without rep_id")
    assert said.endswith("export the report's details only")
    assert ("deals", "deal_id", 1) in aside(made)


def test_a_report_in_several_currencies_is_taken_in_the_one_it_was_converted_to(
    tmp_path: Path,
) -> None:
    """Headings as Salesforce exports them; half of such a report was set aside."""
    report = (
        "Opportunity ID,Opportunity Owner,Stage,Amount Currency,Amount,Amount (converted) Currency,"
        "Amount (converted),Close Date\n"
        '1,Ann,Closed Won,JPY,"10,000",USD,83.86,3/13/2026\n'
        '2,Ann,Closed Won,USD,"10,000.00",USD,"10,000.00",3/14/2026\n'
    )
    _, made = run(tmp_path, "salesforce", report7=report)
    assert made.deals()["amount"].tolist() == [83.86, 10000.0]
    assert made.currency == "$"
    assert made.quality.set_aside.empty


@pytest.mark.parametrize(("ends", "note"), [("", "last 3 months"), (",31/03/2026|,30/06/2026", "")])
def test_quotas_written_in_europe(ends: str, note: str, tmp_path: Path) -> None:
    """01/04/2026 begins a quarter in April: read the other way all would begin on odd days of
    January; where the last days are there, they say it. 1.000,50 is a thousand and a half."""
    last = (ends or "|").split("|")
    quotas = (
        "QuotaOwnerId;StartDate;QuotaAmount;PeriodId\nu1;01/01/2026;1.000,50 €;p0\n"
        "u1;01/04/2026;SEK 2.000,00;p1\n"
    )
    periods = "Id,EndDate\n" + "".join(f"p{i}{end or ','}\n" for i, end in enumerate(last))
    report, made = run(
        tmp_path, "salesforce", Opportunity=DEALS, ForecastingQuota=quotas, Period=periods
    )
    written = (tmp_path / "out" / "quotas.csv").read_text().splitlines()
    assert [one.split(";")[1:3] for one in written[1:]] == [
        ["2026-01-01", "€ 333.50"],
        ["2026-02-01", "€ 333.50"],
        ["2026-03-01", "€ 333.50"],
        ["2026-04-01", "SEK 666.67"],
        ["2026-05-01", "SEK 666.67"],
        ["2026-06-01", "SEK 666.66"],
    ]
    assert any(note in one for one in report.notes)
    assert made.quotas()["quota"].sum() == pytest.approx(1000.5)  # two currencies are not added up
    assert aside(made) == [("quotas", "quota", 3)]


def test_a_quota_that_may_begin_in_two_months_is_not_guessed(tmp_path: Path) -> None:
    quotas = "QuotaOwnerId,StartDate,QuotaAmount\nu1,02/03/2026,1\nu1,04/05/2026,1\nu1,04/05/2026,1\n"  # fmt: skip
    with pytest.raises(DataError, match=r"'StartDate': may be day-month or month-day; rows 02/03/2026, 04/05/2026\. Write"):  # fmt: skip
        run(tmp_path, "salesforce", Opportunity=DEALS, ForecastingQuota=quotas)


def test_an_export_in_two_files_is_to_be_put_into_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"report1\.csv and report2\.csv may each be .*if each holds some of the rows"):  # fmt: skip
        run(tmp_path, "salesforce", report1=DEALS, report2=DEALS)


def test_lines_of_a_joined_file_that_are_no_rows_are_counted(tmp_path: Path) -> None:
    """Rows read = taken + left out holds of the tables; of the files beside them nothing was said."""
    stages = "MasterLabel,IsClosed,IsWon\nClosed Won,true,true\nParked,true\n"
    report, _ = run(tmp_path, "salesforce", Opportunity=DEALS, OpportunityStage=stages)
    assert [one for one in report.notes if "OpportunityStage.csv not used" in one] == [
        "1 line of OpportunityStage.csv not used, because the line has 2 fields, the headings are 3"
    ]


def test_the_lines_that_salesforce_writes_below_a_report_are_left_out_and_shown(
    tmp_path: Path,
) -> None:
    footer = '\n"Opportunity Report"\n"Copyright (c) 2000-2026 salesforce.com, inc."\n'
    report, made = run(tmp_path, "salesforce", report7=HEAD + ROWS + footer)
    assert len(made.deals()) == 4
    assert report.left_out["rows"].sum() == 2
    assert (
        "report7.csv: the first line that is no row is 5, '\"Opportunity Report\"'" in report.notes
    )
