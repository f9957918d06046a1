"""Eval sets: read, drawn from, located in documents, split, written."""

from surefoot.core.lang.likeness import near_copies
from surefoot.evaluate.evalsets.contents import Contents, contents
from surefoot.evaluate.evalsets.format import (
    case_to_row,
    evalset_digest,
    make_evalset,
    revised,
)
from surefoot.evaluate.evalsets.locating import Located, Remark, locate
from surefoot.evaluate.evalsets.places import evalset_file, evalset_names, find_evalset
from surefoot.evaluate.evalsets.reading import load_evalset, part, sample
from surefoot.evaluate.evalsets.splitting import hanging_together, split, split_notes, unsplit
from surefoot.evaluate.evalsets.writing import write_evalset

__all__ = [
    "Contents",
    "Located",
    "Remark",
    "case_to_row",
    "contents",
    "evalset_digest",
    "evalset_file",
    "evalset_names",
    "find_evalset",
    "hanging_together",
    "load_evalset",
    "locate",
    "make_evalset",
    "near_copies",
    "part",
    "revised",
    "sample",
    "split",
    "split_notes",
    "unsplit",
    "write_evalset",
]
