"""Mappings that several tests import by."""

QUARTERS = """
[tables.quotas]
source = "q.csv"
[tables.quotas.columns]
rep_id = "rep"
month = { from = "quarter", quarter = true }
quota = { from = "quota", split = true }
"""
