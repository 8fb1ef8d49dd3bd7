"""A statistician's own frame: whatever its index, dtypes and order of rows, the answer is the same, and
the frame stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

import salesops_lib as so
from salesops_lib.estimate import Result

Ask = Callable[[pd.DataFrame], "Result | pd.DataFrame"]


@cache
def sample() -> so.Dataset:
    return so.load_dataset("sample")


def _months() -> pd.DataFrame:
    return sample().rep_months(trailing=12)


def _won() -> pd.DataFrame:
    deals = sample().deals()
    return deals[deals["status"] == "won"].merge(sample().reps()[["rep_id", "channel"]])


def _series() -> pd.DataFrame:
    sums = sample().rep_months().groupby(["region", "month"])["bookings"].sum().reset_index()
    return sums.set_axis(["unique_id", "ds", "y"], axis=1)


def _gap(frame: pd.DataFrame) -> Result:
    return so.channel_gap(
        frame, outcome="bookings", a="EU direct", b="US direct", market=["market_size"],
        practice=["win_rate", "discount"], permutations=19,
    )  # fmt: skip


def _mix(frame: pd.DataFrame) -> pd.DataFrame:
    return so.price_volume_mix(
        frame, channel="channel", a="EU direct", b="US direct", product="product", amount="amount"
    )


def _hours(frame: pd.DataFrame) -> Result:
    known = sample()
    return so.selling_time(frame, activities=known.activities(), kinds=known.activity_kinds)


def _bare_dataset(frame: pd.DataFrame) -> pd.DataFrame:
    return so.Dataset.from_frames({"deals": frame, "reps": sample().reps()}).rep_months()


CASES: dict[str, tuple[Callable[[], pd.DataFrame], Ask]] = {
    "curve": (_months, lambda frame: so.performance_curve(frame, quota="quota")),
    "gap": (_months, _gap),
    "mix": (_won, _mix),
    "series": (_series, lambda frame: so.forecast_series(frame, horizon=2, season_length=12)),
    "hours": (_months, _hours),
    "desk": (lambda: sample().deals(), so.deal_desk),
    "dataset": (lambda: sample().deals(), _bare_dataset),
}


def _repeated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(np.zeros(len(frame), int))


def _named_as_columns(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index(list(frame.columns[:2]), drop=False)


def _categories(frame: pd.DataFrame) -> pd.DataFrame:
    texts = frame.select_dtypes("object").columns
    kinds = {one: pd.CategoricalDtype([*frame[one].dropna().unique(), "unused"]) for one in texts}
    return frame.astype(kinds)


def _arrow(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.convert_dtypes(dtype_backend="pyarrow")


def _shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=3)


def _zoned(frame: pd.DataFrame) -> pd.DataFrame:
    days = frame.select_dtypes("datetime64[ns]").columns
    return frame.assign(**{one: frame[one].dt.tz_localize("Europe/Berlin") for one in days})


def _periods(frame: pd.DataFrame) -> pd.DataFrame:
    months = [one for one in ("month", "ds") if one in frame]
    return frame.assign(**{one: frame[one].dt.to_period("M") for one in months})


def said(result: Result | pd.DataFrame) -> list[object]:
    if isinstance(result, Result):
        limits = [(one.estimate.low, one.estimate.high) for one in result.findings]
        return [one.sentence for one in result.findings] + [f"{a:.5g} {b:.5g}" for a, b in limits]
    return [round(float(result.select_dtypes("number").abs().sum().sum()), 3), len(result)]


@cache
def plainly(name: str) -> list[object]:
    frame, ask = CASES[name]
    return said(ask(frame()))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "dressed",
    [_repeated, _named_as_columns, _categories, _arrow, _shuffled, _zoned, _periods],
    ids=lambda one: one.__name__.strip("_"),
)
def test_the_answer_is_the_same(name: str, dressed: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Arrow's days asked for 5 EiB of memory; a frame with its keys in the index as well was ambiguous;
    the limits of the shuffled frame were others."""
    frame, ask = CASES[name]
    given = dressed(frame())
    before = given.copy(deep=True)
    assert said(ask(given)) == plainly(name)
    pd.testing.assert_frame_equal(given, before)


class Polars:
    """As far as a frame of polars is looked at."""

    def to_pandas(self) -> pd.DataFrame:
        return _months()


@pytest.mark.parametrize(
    ("given", "remedy"),
    [([1, 2], "rep_months"), (None, "rep_months"), (Polars(), r"frame\.to_pandas")],
    ids=["list", "none", "polars"],
)
@pytest.mark.parametrize("name", ["curve", "gap", "mix", "series", "hours", "desk"])
def test_what_is_no_frame_of_pandas_is_said_to_be_none(
    name: str, given: object, remedy: str
) -> None:
    """A dataset in the place of its table: "argument of type 'Dataset' is not iterable"."""
    with pytest.raises(so.DataError, match=f"a pandas DataFrame is needed, not a .*{remedy}"):
        CASES[name][1](given)  # type: ignore[arg-type]


def test_ramp_time_of_a_dataset_says_which_table() -> None:
    with pytest.raises(so.DataError, match=r"not a Dataset\. .*dataset\.rep_months\(\)"):
        so.ramp_time(sample(), value="bookings")  # type: ignore[arg-type]
