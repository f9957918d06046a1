"""Eval sets made from a workspace's own documents."""

from surefoot.evaluate.generate.create import create_evalset, forecast_evalset
from surefoot.evaluate.generate.settings import Created, CreateReport, CreateSettings

__all__ = ["CreateReport", "CreateSettings", "Created", "create_evalset", "forecast_evalset"]
