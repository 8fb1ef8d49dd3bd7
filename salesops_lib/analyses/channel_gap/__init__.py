"""Why one channel sells more than another, and how much of it training can close."""

from salesops_lib.analyses.channel_gap.closing import GapClosing, closing_gap
from salesops_lib.analyses.channel_gap.comparison import (
    ChannelComparison,
    choose_channels,
    compare_channels,
)
from salesops_lib.analyses.channel_gap.decomposition import decompose_gap
from salesops_lib.analyses.channel_gap.funnel import Funnel, funnel_gap
from salesops_lib.analyses.channel_gap.gap import channel_gap
from salesops_lib.analyses.channel_gap.price_volume_mix import price_volume_mix
from salesops_lib.analyses.channel_gap.result import ChannelGap

__all__ = [
    "ChannelComparison",
    "ChannelGap",
    "Funnel",
    "GapClosing",
    "channel_gap",
    "choose_channels",
    "closing_gap",
    "compare_channels",
    "decompose_gap",
    "funnel_gap",
    "price_volume_mix",
]
