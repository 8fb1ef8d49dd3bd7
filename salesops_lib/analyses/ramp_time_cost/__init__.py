"""What slow ramp-up costs, and whether shortening it pays.

    ramp = ramp_time(rep_months, value="bookings")
    cost = ramp_cost(ramp, hires_per_year=12, contribution_per_month=ramp.mature_level.scaled(0.7))
    case = training_case(cost, months_saved=2, programme_cost=150_000)

How long: `spells` reads rep-months as spells of employment (`cells` checks them; `arrivals` of ramped reps,
`closed_months` and `quarter_ends` are taken out), `learning_curve` and `milestone` are the two definitions,
`mature_level` is what the curve climbs to, and `time_to_productivity` puts them together.

What of it: `cost`, `training` (drawn in `case_draws`) and `capacity` are the money; `definitions`, `leavers`, `groups`, `factors` and
`power` ask how the answer moves and what could be seen. The `result` classes have words in `words`, `money_words`
and `comparison_words`, and the headings of tables in `views`.
"""

from salesops_lib.analyses.ramp_time_cost.capacity import HiringPlan, hiring_capacity, hiring_plan
from salesops_lib.analyses.ramp_time_cost.cost import ramp_cost
from salesops_lib.analyses.ramp_time_cost.definitions import (
    compare_definitions,
    definition_notices,
    usual_milestones,
)
from salesops_lib.analyses.ramp_time_cost.factors import facts_about, ramp_factors
from salesops_lib.analyses.ramp_time_cost.groups import compare_groups
from salesops_lib.analyses.ramp_time_cost.power import power_table
from salesops_lib.analyses.ramp_time_cost.result import (
    GroupComparison,
    Pace,
    RampCost,
    RampFactors,
    RampTime,
    TrainingCase,
)
from salesops_lib.analyses.ramp_time_cost.spells import sold_before_hire
from salesops_lib.analyses.ramp_time_cost.time_to_productivity import ramp_time
from salesops_lib.analyses.ramp_time_cost.training import not_answered, training_case

__all__ = [
    "GroupComparison",
    "HiringPlan",
    "Pace",
    "RampCost",
    "RampFactors",
    "RampTime",
    "TrainingCase",
    "compare_definitions",
    "compare_groups",
    "definition_notices",
    "facts_about",
    "hiring_capacity",
    "hiring_plan",
    "not_answered",
    "power_table",
    "ramp_cost",
    "ramp_factors",
    "ramp_time",
    "sold_before_hire",
    "training_case",
    "usual_milestones",
]
