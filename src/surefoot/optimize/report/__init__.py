"""The report of a search, a run or a comparison of methods: HTML, Markdown or JSON, in English or Chinese."""

from surefoot.optimize.report.comparison import ComparisonTold, comparison_page
from surefoot.optimize.report.experiment import Told, experiment_page
from surefoot.optimize.report.page import Page
from surefoot.optimize.report.render import report_html, report_markdown, report_policy
from surefoot.optimize.report.run import RunTold, run_page

__all__ = [
    "ComparisonTold",
    "Page",
    "RunTold",
    "Told",
    "comparison_page",
    "experiment_page",
    "report_html",
    "report_markdown",
    "report_policy",
    "run_page",
]
