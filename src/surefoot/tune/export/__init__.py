"""Trained weights in the forms that other engines read."""

from surefoot.tune.export.forms import export
from surefoot.tune.export.model_gguf import NumberType

__all__ = ["NumberType", "export"]
