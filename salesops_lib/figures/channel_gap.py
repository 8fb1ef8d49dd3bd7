"""Pictures of the channel gap, as its notebook draws them."""

from __future__ import annotations

from salesops_lib.figures.channel_gap_beside import effects, funnel_steps, league
from salesops_lib.figures.channel_gap_parts import practices, rep_means, sensitivity, waterfall

__all__ = [
    "effects",
    "funnel_steps",
    "league",
    "practices",
    "rep_means",
    "sensitivity",
    "waterfall",
]
