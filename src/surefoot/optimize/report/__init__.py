"""The report of an experiment or a run: HTML, Markdown or JSON, in English or Chinese."""

from surefoot.optimize.report.page import Page
from surefoot.optimize.report.render import report_html, report_markdown

__all__ = ["Page", "report_html", "report_markdown"]
