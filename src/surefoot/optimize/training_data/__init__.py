"""Training rows from files, documents and eval sets: read, made, checked, divided."""

from surefoot.optimize.training_data.making import make_training_data
from surefoot.optimize.training_data.parts import pair_parts, raft_parts
from surefoot.optimize.training_data.questions import read_inputs, taught_cases
from surefoot.optimize.training_data.settings import DataSettings, TrainingData

__all__ = [
    "DataSettings",
    "TrainingData",
    "make_training_data",
    "pair_parts",
    "raft_parts",
    "read_inputs",
    "taught_cases",
]
