"""Months of leave are nobody's selling: by hand what counts as leave, then each analysis beside the same
company without it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesops_lib import performance_curve, ramp_time
from salesops_lib.analyses import channel_gap as gaps
from salesops_lib.analyses.leave import _zeros, on_leave
from salesops_lib.analyses.performance_curve import separating_practices
from salesops_lib.analyses.ramp_time_cost.spells import Columns, read_spells
from tests.analyses.curve_frames import steady
from tests.analyses.ramp_frames import dated, smooth


def worked(data: pd.DataFrame) -> pd.DataFrame:
    """Everybody writes hours down and begins deals."""
    return data.assign(hours=160.0, deals_created=3.0, deals_closed=1.0)


def without(data: pd.DataFrame, gone: pd.Series) -> pd.DataFrame:
    """The same with nothing in those rows."""
    nothing = {"bookings": 0.0, "hours": np.nan, "deals_created": 0.0, "deals_closed": 0.0}
    return data.assign(**{name: data[name].mask(gone, value) for name, value in nothing.items()})


def told(*cells: str, tenure: int = 30, other: str = "hhhhhh") -> list[str]:
    """A letter a month of each rep, and of one beside them: h hours, p half of them, w those of a day or two,
    x ten times as many by a slip, z none written as 0, d deals, . neither, - no row; which are leave is
    answered as L. Rows come in no order."""
    rows = [
        (f"R{rep}", pd.Timestamp(2026, 1 + at, 1), one, tenure + at)
        for rep, text in enumerate((*cells, other))
        for at, one in enumerate(text)
        if one != "-"
    ]
    data = pd.DataFrame(rows, columns=["rep_id", "month", "did", "tenure_months"])
    data = data.sample(frac=1, random_state=0, ignore_index=True)
    data["hours"] = data["did"].map({"h": 160.0, "p": 80.0, "w": 16.0, "x": 1600.0, "z": 0.0})
    data["deals_created"] = (data["did"] == "d").astype(float)
    mask = on_leave(data.assign(bookings=0.0), rep="rep_id", period="month", value="bookings")
    told = data.assign(did=data["did"].mask(mask, "L")).sort_values("month")
    letters = told.groupby("rep_id")["did"].agg("".join)
    return letters.iloc[: len(cells)].tolist()


def test_what_is_leave() -> None:
    """Two months running or more, at the records' ends too; one month is a holiday, and who has deals and no
    hours did not write these down."""
    assert told("hhw.hh", "hw.whh") == ["hhLLhh", "hLLLhh"]
    assert told("hh..hh", "h.h.hh", "hhddhh", "hhhh..", "..hhhh", "......") == [
        "hhLLhh", "h.h.hh", "hhddhh", "hhhhLL", "LLhhhh", "LLLLLL",
    ]  # fmt: skip


def test_hours_are_those_of_the_rep_and_runs_those_of_its_months() -> None:
    """Half a month's hours are work, those of a day or two beside many zeros are not, and a slip makes
    nobody's other months idle. An idle month at the end of one rep and one at the beginning of the next
    are no two running, nor are the last before a rep left and the first after."""
    assert told("hp.phh", "hwzzzz", "xhhh.h") == ["hp.phh", "hLLLLL", "xhhh.h"]
    assert told("hhhhh.", ".hhhhh", "hh.-.h") == ["hhhhh.", ".hhhhh", "hh..h"]
    assert told("h..-hh") == ["hLLhh"]


def test_of_who_does_not_write_hours_down_nothing_is_known() -> None:
    """One team keeps no hours, and closes a deal now and then; one rep is lazy about it."""
    assert told("d...d.", "dd..dd", "hd..dd", "hhd.hh") == ["d...d.", "dd..dd", "hd..dd", "hhd.hh"]
    assert told("hhhd..hh", other="hhhhhhhh") == ["hhhdLLhh"]
    # Three months of four are enough, two of three are not; from before anybody wrote them none is missing.
    assert told("hhhd..", "hhd.." + ".") == ["hhhdLL", "hhd..."]
    assert told("dddhh..h", other="dddhhhhh") == ["dddhhLLh"]


def test_who_is_new_is_learning_and_months_that_nobody_wrote_down_are_nobodys_leave() -> None:
    assert told("..hhhh", "h..hhh", tenure=1) == ["..hhhh", "hLLhhh"]
    # To the third month.
    assert told("..hhhh", tenure=3) == ["..hhhh"] and told("..hhhh", tenure=4) == ["LLhhhh"]
    assert told("h..h..", other="hhhh..") == ["hLLh.."]
    data = worked(steady({"a": 1.0, "b": 0.0}, months=3)).assign(hours=0.0, deals_created=0.0)
    given = {"rep": "rep_id", "period": "month", "value": "bookings"}
    assert not on_leave(data.assign(deals_closed=0.0), **given).any()
    for missing in (["hours"], ["deals_created", "deals_closed"], ["month"]):
        assert not on_leave(data.drop(columns=missing), **given).any()


def counts(
    *months: int, hired: int = 30, others: int = 5, hours: float | None = None,
    beside: tuple[int, ...] = (),
) -> str:  # fmt: skip
    """Deals begun and closed of one rep, a number a month, beside reps who have ten in each (the first of
    them `beside`), in a company that keeps no hours (or these, in every month): which months are leave."""
    rows = [
        (f"R{rep}", pd.Timestamp(2026, 1 + at, 1), float(deals), (hired if rep == 0 else 30) + at)
        for rep, numbers in enumerate(
            [months, *([beside] if beside else []), *[[10] * len(months)] * others]
        )
        for at, deals in enumerate(numbers)
    ]
    data = pd.DataFrame(rows, columns=["rep_id", "month", "deals_created", "tenure_months"])
    data = data.assign(bookings=0.0, hours=hours)
    mask = on_leave(data, rep="rep_id", period="month", value="bookings")
    return "".join("L" if one else "." for one in mask[: len(months)])


def test_without_hours_it_takes_a_silence_that_no_chance_makes() -> None:
    """Of 42 rep-months, one in a thousand companies would have a silence by which ten deals or more fail to
    come: two months of a rep who has ten in each, not of one who has four, nor where only some come after."""
    assert counts(10, 10, 0, 0, 10, 10, 10) == "..LL..."
    assert (
        counts(10, 10, 10, 10, 10, 0, 0) == ".....LL"
        and counts(0, 0, 10, 10, 10, 10, 10) == "LL....."
    )
    assert counts(10, 10, 0, 10, 0, 10, 10) == counts(4, 4, 0, 0, 4, 4, 4) == "......."
    assert counts(10, 10, 0, 0, 2, 2, 2) == "......."
    # Who writes hours down is at work.
    assert counts(10, 10, 0, 0, 10, 10, 10, hours=160.0) == "......."
    # Who is new has not begun; who is often silent is so by habit; and where most are silent nobody is away.
    assert counts(0, 0, 10, 10, 10, 10, 10, hired=1) == "......."
    assert counts(10, 0, 0, 10, 0, 0, 10) == "......."
    assert counts(10, 10, 0, 0, 10, 10, 10, others=0) == "......."


def test_a_silence_is_held_against_the_months_around_it() -> None:
    """What a rep did long before, or long after, tells nothing of it. A rep who was silent in one more month
    may be away; in two more, it is habit, and in the third month on the job it is learning."""
    assert counts(1, 1, 1, 1, 10, 10, 10, 0, 0, 10, 10, 10) == ".......LL..."
    assert counts(10, 10, 10, 0, 0, 10, 10, 10, 1, 1, 1, 1) == "...LL......."
    assert counts(10, 10, 10, 0, 0, 10, 10, 10, 0, 10) == "...LL....."
    assert counts(10, 10, 10, 0, 0, 10, 10, 10, 0, 0, 10, 10) == 12 * "."
    assert counts(0, 0, 10, 10, 10, 10, 10, hired=3) == "......."
    assert counts(0, 0, 10, 10, 10, 10, 10, hired=4) == "LL....."
    # Two months running of two reps are none.
    assert counts(10, 10, 10, 10, 10, 10, 0, beside=(0, 10, 10, 10, 10, 10, 10)) == "......."


def test_counts_that_scatter_make_a_silence_likelier() -> None:
    """4 and 16 about 10 are 7.2 squared errors by their mean, with two degrees of freedom among two reps: a
    variance of 3.6 means, by which a month without a deal has the chance 3.6 ^ (-mean / 2.6)."""
    rows = pd.DataFrame({"rep": list("aabb"), "deals": [4.0, 16.0, 10.0, 10.0]})
    assert _zeros(rows) == pytest.approx(np.log(3.6) / 2.6)
    assert _zeros(rows[2:]) == _zeros(rows[::2]) == _zeros(rows.assign(deals=0.0)) == 1
    assert counts(10, 10, 0, 0, 10, 10, 10, beside=(1, 39, 1, 39, 1, 39, 1)) == "......."
    # The silence itself is no such scatter.
    assert counts(6, 0, 0, 6, others=1) == ".LL."


def test_leave_in_the_ramp_is_no_month_on_the_job() -> None:
    """A third of the hires is away in the third and fourth month, and goes on where they were: the curve is
    that of the others, and before it asked for half as long again."""
    data = worked(dated(smooth(), apart=1))
    late = data["rep_id"].isin([1, 4, 7, 10]) & (data["tenure_months"] > 2)
    shifted = data[late].assign(
        tenure_months=lambda f: f["tenure_months"] + 2,
        month=lambda f: f["month"] + pd.DateOffset(months=2),
    )
    gone = data[late & (data["tenure_months"] <= 4)]
    gone = without(gone, pd.Series(True, index=gone.index))
    longer = pd.concat([data[~late], gone, shifted], ignore_index=True)
    usual, found = (ramp_time(one, value="bookings") for one in (data, longer))
    assert found.median_months.value == pytest.approx(usual.median_months.value, rel=0.02)
    assert any("4 reps had neither hours nor deals in 8 rep-months" in one for one in found.notices)
    blind = ramp_time(longer.drop(columns="hours"), value="bookings")
    assert blind.median_months.value > 1.2 * usual.median_months.value


def test_who_is_on_leave_at_the_end_has_not_left() -> None:
    data = worked(dated(smooth(reps=12)))
    last = data["month"] >= data["month"].max() - pd.DateOffset(months=2)
    cut = data[~((data["rep_id"] == 3) & last)]
    away = without(data, (data["rep_id"] == 5) & last)
    spells = [read_spells(one, Columns("bookings")).reps for one in (data, cut, away)]
    assert [one["rep"][one["left"]].tolist() for one in spells] == [[], [3], []]
    assert spells[2].set_index("rep").loc[5, "last"] == 15


def test_leave_ranks_nobody_low() -> None:
    """The second best of twelve is away for nine months, to the last: second best, and still there."""
    data = worked(steady({f"R{k:02d}": 100.0 + 10 * k for k in range(12)}))
    data["bookings"] *= np.random.default_rng(0).lognormal(0, 0.02, len(data))
    gone = (data["rep_id"] == "R10") & (data["month"] >= "2025-04-01")
    found = performance_curve(without(data, gone), exposure=None, rng=0, samples=0)
    reps = found.reps.set_index("rep_id")
    assert reps.loc["R10", ["n_periods", "rank"]].tolist() == [3, 2]
    assert reps["present"].all()
    assert any("taken as leave" in one for one in found.notices)
    # Months that are not there for another reason are said beside it.
    early = (data["rep_id"] == "R03") & data["month"].between("2025-03-01", "2025-05-01")
    gaps_said = []
    for rows in (
        data[~gone],
        without(data, early),
        without(data, early)[data["month"] != "2025-08-01"],
    ):
        told = performance_curve(rows, rng=0, samples=0).notices
        gaps_said.append([one for one in told if "months missing" in one])
    assert gaps_said == [[], [], []]
    lacking = without(data, early)[(data["rep_id"] != "R04") | (data["month"] != "2025-08-01")]
    (told,) = [
        one for one in performance_curve(lacking, rng=0, samples=0).notices if "missing" in one
    ]
    assert told.startswith("1 rep with months missing")


def test_leave_is_no_practice() -> None:
    """Two of 30 reps away for four months did little and sold little: deals begun went with sales in
    18 of 100 companies with three such, in which they do not."""
    rng = np.random.default_rng(0)
    data = worked(steady({f"R{k:02d}": 100.0 for k in range(30)}))
    data["bookings"] *= rng.lognormal(0, 0.6, len(data))
    data["deals_created"] = rng.poisson(9, len(data)).astype(float)
    gone = data["rep_id"].isin(["R03", "R11"]) & data["month"].between("2025-04-01", "2025-07-01")
    tables = []
    for rows in (without(data, gone), data[~gone]):
        curve = performance_curve(rows, rng=0, samples=0, draws=200)
        tables.append(separating_practices(curve, rows, columns=["deals_created"]).table)
    pd.testing.assert_frame_equal(*tables)


def test_leave_makes_no_channel_sell_less() -> None:
    """Both channels sell 102.5 a rep and month; two of the six in one are away for half a year."""
    data = worked(steady({f"R{k:02d}": 100.0 + k % 6 for k in range(12)}))
    data["channel"] = np.where(data["rep_id"] < "R06", "EU", "US")
    gone = data["rep_id"].isin(["R00", "R01"]) & (data["month"] < "2025-07-01")
    asked = gaps.comparable(without(data, gone), pd.DataFrame())
    means = gaps.compare_channels(asked.months, outcome="bookings").league.set_index("channel")
    assert means.loc["EU", "observed"] == pytest.approx(means.loc["US", "observed"])
    assert any(
        "2 reps had neither hours nor deals in 12 rep-months" in one for one in asked.notices
    )
