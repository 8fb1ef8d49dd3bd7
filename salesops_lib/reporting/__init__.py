"""Notebooks run for a period and an audience, checked, rendered and published."""
