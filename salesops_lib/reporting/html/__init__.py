"""Reports and their index as single offline HTML files that a strict security policy lets through."""

from salesops_lib.reporting.html.index import render_index
from salesops_lib.reporting.html.report import render_report

__all__ = ["render_index", "render_report"]
