"""Which lever to push: the annual money of every analysis in one ranked table."""

from salesops_lib.analyses.executive_brief.ranking import ExecutiveBrief, executive_brief

__all__ = ["ExecutiveBrief", "executive_brief"]
