"""Evidence and prior together: the normal case by hand, and what happens at the ends."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from salesops_lib.statistics.informed import Evidence, informed


def test_normal_evidence_and_normal_prior_by_hand() -> None:
    """Data .70 ± .40, prior .34 ± .20: precisions 6.25 and 25, mean (.70·6.25 + .34·25) / 31.25 =
    .412, variance 1 / 31.25; the prior brings 25 / 31.25 = .80."""
    both = informed(Evidence(np.array([0.70]), np.array([0.40]), 1e7), 0.34, 0.20)
    assert both.mean == pytest.approx(0.412, abs=1e-6)
    assert both.prior_share == pytest.approx(0.80, abs=1e-4)
    ends = both.quantile(np.array([0.05, 0.95]))
    assert ends == pytest.approx(stats.norm.ppf([0.05, 0.95], 0.412, 31.25**-0.5), abs=1e-4)


def test_without_evidence_the_prior_stays() -> None:
    nothing = Evidence(np.zeros(0), np.zeros(0), 1.0)
    both = informed(nothing, 0.34, 0.20)
    assert both.mean == pytest.approx(0.34)
    assert both.prior_share == pytest.approx(1.0, abs=1e-6)
    assert both.quantile(0.95) == pytest.approx(0.34 + 1.6449 * 0.2, abs=1e-3)
    assert np.isnan(nothing.quantile(0.5)) and np.isinf(nothing.quantile(0.95))


def test_a_mixture_of_beliefs_lies_between_them() -> None:
    evidence = Evidence(np.array([0.2, 0.4]), np.array([0.1, 0.2]), 20.0)
    for p in (0.05, 0.5, 0.95):
        x = evidence.quantile(p)
        mixture = np.mean(stats.t.cdf((x - evidence.value) / evidence.error, 20))
        assert mixture == pytest.approx(p, abs=1e-8)
    one = Evidence(np.array([0.2]), np.array([0.1]), 20.0)
    assert one.quantile(0.5) == pytest.approx(0.2)


def test_evidence_beyond_all_belief_pulls_to_the_end_of_it() -> None:
    far = informed(Evidence(np.array([1e6]), np.array([1e-6]), 1e7), 0.34, 0.20)
    assert far.mean == pytest.approx(0.34 + 6 * 0.2)
    assert np.isfinite(far.mass).all()
