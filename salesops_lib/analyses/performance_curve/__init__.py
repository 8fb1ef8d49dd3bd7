"""Who is really better, and what is moving the middle worth?

    curve = performance_curve(rep_months)
    levers = moving_the_middle(curve, gap_closed=0.2, star_deal_value=amounts, replacement=terms)

`panel` checks the frame (`periods` counts those of a year), `people` says whose rows count and who has left, `sizes`
takes logs of covariates that are sizes. `noise` and `skill` tell skill from luck: how much months vary (`variation`, `deal_luck` where
deals are counted), whether luck lasts (`persistence`), and what the calendar does (`seasons`). `tiers` places the
reps, `shape` judges the curve, `stability` compares halves and looks for the quota ratchet, and `curve` puts them
together. `levers` values, by `lever_draws`, what could be done with `star_deals`; `practices` lists what stars do
differently. Each `result` is written up by `words`, `lever_words` and `shape_words`, under the table headings of `headings`.
"""

from salesops_lib.analyses.people import selling_reps
from salesops_lib.analyses.performance_curve.curve import performance_curve
from salesops_lib.analyses.performance_curve.headings import (
    FORMATS,
    LEVER_HEADINGS,
    REP_HEADINGS,
    TIERS,
)
from salesops_lib.analyses.performance_curve.lever_draws import Replacement
from salesops_lib.analyses.performance_curve.levers import (
    lift_ratio,
    moving_the_middle,
)
from salesops_lib.analyses.performance_curve.practices import (
    separating_practices,
    with_product_mix,
)
from salesops_lib.analyses.performance_curve.result import (
    LeverTable,
    PerformanceCurve,
    Practices,
)
from salesops_lib.analyses.performance_curve.shape import fit_families, shape_verdict
from salesops_lib.analyses.performance_curve.stability import Ratchet, quota_ratchet
from salesops_lib.analyses.performance_curve.star_deals import star_deals
from salesops_lib.analyses.performance_curve.words import PRACTICE_LABELS

__all__ = [
    "FORMATS",
    "LEVER_HEADINGS",
    "PRACTICE_LABELS",
    "REP_HEADINGS",
    "TIERS",
    "LeverTable",
    "PerformanceCurve",
    "Practices",
    "Ratchet",
    "Replacement",
    "fit_families",
    "lift_ratio",
    "moving_the_middle",
    "performance_curve",
    "quota_ratchet",
    "selling_reps",
    "separating_practices",
    "shape_verdict",
    "star_deals",
    "with_product_mix",
]
