"""Rows made from questions and what a retriever finds for them. Knows no workspace: all comes as callables."""

from surefoot.tune.data.asked import MadeRows, Taught, taught_from
from surefoot.tune.data.pairs import PairParts, PairSettings, pair_rows
from surefoot.tune.data.plain import chat_rows, style_rows
from surefoot.tune.data.raft import RaftParts, RaftSettings, raft_rows
from surefoot.tune.data.splitting import divide
from surefoot.tune.data.summary import Summary, summarise

__all__ = [
    "MadeRows",
    "PairParts",
    "PairSettings",
    "RaftParts",
    "RaftSettings",
    "Summary",
    "Taught",
    "chat_rows",
    "divide",
    "pair_rows",
    "raft_rows",
    "style_rows",
    "summarise",
    "taught_from",
]
