"""The analyses this workbench knows: one line each. Adding an analysis means adding its files
(module, figures, widget, notebook, test, all of one name) and a line here, nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lever:
    """A finding that is annual money the company could win, ranked in the executive brief.

    Attributes
    ----------
    finding
        The finding's name in the analysis; its unit is money/year.
    label
        What a sales director calls it.
    overlaps
        Findings of other levers that count partly the same money and are never added to it.
    assumptions
        Names of the assumptions that its money leans on.
    """

    finding: str
    label: str
    overlaps: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """One registered analysis.

    Attributes
    ----------
    name
        Of the module, figure module, widget module, notebook and test module alike.
    question
        The notebook's title.
    headline
        The finding that answers the question in one sentence.
    levers
        Findings that compete in the executive brief.
    follows_scope
        Whether a run for a region or a team answers for that part alone. Others answer for the whole
        company there too, since few reps tell little, and show that part's people only.
    """

    name: str
    question: str
    headline: str
    levers: tuple[Lever, ...] = ()
    follows_scope: bool = False


_REPLACING = ("annual_cost", "vacancy_months", "hiring_cost", "severance_cost")

ANALYSES: tuple[Analysis, ...] = (
    Analysis(
        "performance_curve",
        "Who is really better, and what is moving the middle worth?",
        headline="moving_the_middle",
        levers=(
            Lever(
                "moving_the_middle",
                "Move the middle",
                overlaps=("training_net_year", "held_prices_year"),
                assumptions=("gross_margin", "middle_gap_closed", "coaching_cost"),
            ),
            Lever(
                "star_deal",
                "Extra deals from each star",
                assumptions=("gross_margin", "star_deals_year", "star_deal_cost"),
            ),
            Lever(
                "replacement",
                "Replace under-performers",
                overlaps=("moving_the_middle",),
                assumptions=("gross_margin", *_REPLACING),
            ),
            Lever(
                "replacement_star",
                "Replace under-performers by stars",
                overlaps=("replacement", "moving_the_middle"),
                assumptions=("gross_margin", *_REPLACING, "star_premium"),
            ),
        ),
    ),
    Analysis(
        "channel_gap",
        "Why does one channel sell more, and how much can training close?",
        headline="correctable_money_year",
        levers=(
            Lever(
                # In margin and after the programme's cost; the headline is in bookings, of the whole gap.
                "training_net_year",
                "Close the channel gap",
                overlaps=("moving_the_middle", "freed_hours_year", "held_prices_year"),
                assumptions=("gross_margin", "gap_closed", "programme_cost"),
            ),
        ),
    ),
    Analysis(
        "ramp_time_cost",
        "What does slow ramp-up cost, and does a training manager pay?",
        headline="training_case",
        levers=(
            Lever(
                # After the programme's cost, as every lever is after its own.
                "ramp_net_year",
                "Shorten ramp",
                # One programme, paid in each of the two; the training case has both and pays it once.
                overlaps=("training_net_year",),
                assumptions=(
                    "gross_margin",
                    "hires_per_year",
                    "months_saved",
                    "ramp_target",
                    "programme_cost",
                ),
            ),
        ),
    ),
    Analysis(
        "forecast",
        "What will be booked?",
        headline="bookings_next_quarter",
        follows_scope=True,
    ),
    Analysis(
        "selling_time",
        "Where do selling hours go, and what is an hour freed worth?",
        headline="freed_hours_year",
        levers=(
            Lever(
                "freed_hours_year",
                "Move work off the sales team",
                # Selling hours are among the practices of the channel gap.
                overlaps=("training_net_year",),
                assumptions=(
                    "gross_margin",
                    "hours_freed_week",
                    "freed_hours_sold",
                    "sales_ops_hour_cost",
                    "working_weeks_year",
                ),
            ),
        ),
    ),
    Analysis(
        "deal_desk",
        "Where do discounts leak, and what would a deal desk recover?",
        headline="held_prices_year",
        levers=(
            Lever(
                "held_prices_year",
                "Hold prices",
                # Discounts are among the practices of the channel gap and part of what reps book.
                overlaps=("training_net_year", "moving_the_middle"),
                assumptions=("discount_excess_closed",),
            ),
        ),
    ),
    # Last: it reads the findings of all the others.
    Analysis(
        "executive_brief",
        "Which lever should we push?",
        headline="lever_to_push",
    ),
)


# What it says of all the others is what a reader opens first.
LEADING = ANALYSES[-1].name


def analysis(name: str) -> Analysis:
    """The registered analysis called `name`; KeyError names the known ones."""
    for one in ANALYSES:
        if one.name == name:
            return one
    raise KeyError(f"no analysis {name!r}; there are: {', '.join(a.name for a in ANALYSES)}")
