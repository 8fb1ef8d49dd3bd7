"""Rows of a channel gap and the bootstrap of its parts: by hand, by a loop and against the delta method."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salesops_lib import DataError, NotEnoughData, decompose_gap
from salesops_lib.analyses.channel_gap.rows import MOST_UNSEEN, Rows, _share_unseen, prepare
from tests.analyses.gap_frames import rep_months

OPTIONS = {"outcome": "bookings", "group": "channel", "a": "EU", "b": "US"}


def rows(frame: pd.DataFrame, *covariates: str, by_cluster: bool = True) -> Rows:
    return prepare(
        frame, **OPTIONS, covariates=covariates, cluster="rep_id", by_cluster=by_cluster
    )  # fmt: skip


def test_every_rep_counts_once_or_every_row_does() -> None:
    data = rep_months()
    found = rows(data)
    assert np.bincount(found.clusters, weights=found.weights) == pytest.approx(np.ones(16))
    assert (rows(data, by_cluster=False).weights == 1.0).all()
    means = data.groupby("rep_id")["bookings"].mean()
    assert found.cluster_means(found.amount) == pytest.approx(means.to_numpy())
    first, second = found.sides()
    assert (first == (data["channel"] == "EU")).all() and (second == ~first).all()


def test_limits_of_the_bootstrap_are_quantiles_of_its_draws() -> None:
    """Draws of a total are close to normal: so many of their standard deviations apart."""
    data = rep_months(reps=40)
    for confidence in (0.5, 0.9):
        found = decompose_gap(
            data, **OPTIONS, covariates=["size", "product"], cluster="rep_id", detailed=False,
            errors="bootstrap", draws=2_000, confidence=confidence,
        )  # fmt: skip
        reach = 2 * stats.norm.ppf(0.5 + confidence / 2) * found["std_error"]
        assert (found["high"] - found["low"]).tolist() == pytest.approx(reach.tolist(), rel=0.08)
        middle = (found["high"] + found["low"]) / 2
        assert (np.abs(middle - found["value"]) < 0.3 * found["std_error"]).all()


@pytest.mark.parametrize(
    "how", [{"kind": "threefold"}, {"detailed": True}, {"reference": "cotton"}]
)
def test_what_varies_in_one_channel_only_is_named_where_each_has_slopes(how: dict) -> None:
    data = rep_months()
    data["calls"] = data["calls"].where(data["channel"] == "EU", 40.0)
    whole = {**OPTIONS, "covariates": ["size", "calls"], "cluster": "rep_id", "detailed": False}
    with pytest.raises(NotEnoughData, match="does not vary within US"):
        decompose_gap(data, **{**whole, **how})
    # Slopes of both together need no such thing.
    assert np.isfinite(decompose_gap(data, **whole)["value"]).all()


def test_words_among_amounts_are_named_by_their_rows_only() -> None:
    data = rep_months()
    data["bookings"] = data["bookings"].astype(object)
    data.loc[data.index[5], "bookings"] = "n/a"
    data.loc[data.index[7], "bookings"] = None
    with pytest.raises(DataError, match="is not a number") as caught:
        rows(data)
    assert list(caught.value.rows) == [data.index[5]]


def filled_by_loop(data: pd.DataFrame, name: str, by_cluster: bool) -> list[float]:
    """The rep's own mean, else the mean of the channel's reps, or of their rows, each of which counts as its
    rep's mean."""
    own = {rep: part[name].mean() for rep, part in data.groupby("rep_id")}
    values = []
    for _, row in data.iterrows():
        side = data.loc[data["channel"] == row["channel"], "rep_id"]
        usual = np.nanmean([own[rep] for rep in (side.unique() if by_cluster else side)])
        stand_in = own[row["rep_id"]] if np.isfinite(own[row["rep_id"]]) else usual
        values.append(row[name] if np.isfinite(row[name]) else stand_in)
    return values


@pytest.mark.parametrize("by_cluster", [True, False])
def test_what_is_missing_is_filled_as_a_loop_does(by_cluster: bool) -> None:
    """Two reps of EU and one of US never show calls, others not in every month; infinite is missing. Reps
    have from one to twelve months."""
    data = rep_months()
    data = data[data.groupby("rep_id").cumcount() <= data["rep_id"].str[1:].astype(int) % 12]
    rng = np.random.default_rng(1)
    blank = data["rep_id"].isin(["R00", "R03", "R10"]) | (rng.random(len(data)) < 0.2)
    data["calls"] = data["calls"].mask(blank)
    expected = filled_by_loop(data, "calls", by_cluster)
    infinite = data.assign(calls=data["calls"].fillna(np.inf))
    for one in (data, infinite):
        found = rows(one, "calls", by_cluster=by_cluster)
        assert found.frame["calls"].tolist() == pytest.approx(expected)
        missing = int(data["calls"].isna().sum())
        assert found.left_out == () and f" {missing} of {len(data)} " in " ".join(found.notices)


@pytest.mark.parametrize(("never", "kept"), [(4, True), (5, False)])
def test_a_third_of_a_channels_reps_may_never_show_a_covariate(never: int, kept: bool) -> None:
    """Of twelve reps in each channel so many of US never do. Four are not more than a third, though one
    less two thirds is, by its last binary digit."""
    data = rep_months(reps=24)
    data["calls"] = data["calls"].mask(
        data["rep_id"].isin([f"R{k:02d}" for k in range(12, 12 + never)])
    )
    found = rows(data, "calls")
    assert (found.covariates == ("calls",)) == kept and (found.left_out == ("calls",)) != kept
    unseen = _share_unseen(data["calls"].isna().to_numpy(), found.clusters, found.sides()[0])
    assert unseen == pytest.approx((0.0, never / 12)) and (unseen[1] <= MOST_UNSEEN) == kept
