"""Why one channel sells more than another, and how much of it training can close.

    gap = channel_gap(rep_months, outcome="bookings", a="EU direct", b="US direct", practice=practices(...))

`gap` puts together: `rows` checks the frame (`rates` weighs rates by the deals behind them, `months` says how long a
time it is of), `overlap` says which
covariates the two channels allow to tell apart, `difference` whether there is a gap, `correctable` what training
can close, `sensitivity` what an unmeasured factor could do to that; the `result` has its `tables`, `notices`,
`labels` and `words`.

Beside it: `decomposition` is `decompose_gap` for any frame, `price_volume_mix` and `funnel` take the gap apart in
other ways, `comparison` compares many channels, `comparable` picks those that a report may show (`deal_months`
where channels are of the deals), `practices` says which columns are practice, `closing` is the case for training;
`companion_words` writes for these.
"""

from salesops_lib.analyses.channel_gap.closing import GapClosing, closing_gap
from salesops_lib.analyses.channel_gap.companion_words import funnel_table, league_headings
from salesops_lib.analyses.channel_gap.comparable import Comparable, comparable
from salesops_lib.analyses.channel_gap.comparison import (
    ChannelComparison,
    channel_kinds,
    choose_channels,
    compare_channels,
)
from salesops_lib.analyses.channel_gap.deal_months import channel_months
from salesops_lib.analyses.channel_gap.decomposition import decompose_gap
from salesops_lib.analyses.channel_gap.funnel import Funnel, funnel_columns, funnel_gap
from salesops_lib.analyses.channel_gap.gap import channel_gap
from salesops_lib.analyses.channel_gap.practices import practices, with_newness
from salesops_lib.analyses.channel_gap.price_volume_mix import (
    price_volume_mix,
    product_columns,
    totals,
    won_deals,
)
from salesops_lib.analyses.channel_gap.result import ChannelGap
from salesops_lib.analyses.channel_gap.words import lead

__all__ = [
    "ChannelComparison",
    "ChannelGap",
    "Comparable",
    "Funnel",
    "GapClosing",
    "channel_gap",
    "channel_kinds",
    "channel_months",
    "choose_channels",
    "closing_gap",
    "comparable",
    "compare_channels",
    "decompose_gap",
    "funnel_columns",
    "funnel_gap",
    "funnel_table",
    "lead",
    "league_headings",
    "practices",
    "price_volume_mix",
    "product_columns",
    "totals",
    "with_newness",
    "won_deals",
]
