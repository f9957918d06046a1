"""What was asked of which solution, and what came of it: kept beside the traces, never changed.

Rows and records come as plain values; this module knows neither questions nor metrics.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from surefoot.store.database import open_database
from surefoot.store.ledger import ledger_url

Plain = Mapping[str, Any]

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS trial_rows (
    solution VARCHAR(64) NOT NULL,
    corpus VARCHAR(64) NOT NULL,
    evalset VARCHAR(64) NOT NULL,
    asker VARCHAR(64) NOT NULL,
    seed BIGINT NOT NULL,
    case_id VARCHAR(512) NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (solution, corpus, evalset, asker, seed, case_id)
)""",
    """CREATE TABLE IF NOT EXISTS holdouts (
    evalset VARCHAR(64) NOT NULL,
    turn INTEGER NOT NULL,
    spent_by VARCHAR(512) NOT NULL,
    PRIMARY KEY (evalset, turn)
)""",
)
_KEEP = """INSERT INTO trial_rows (solution, corpus, evalset, asker, seed, case_id, body)
VALUES (:solution, :corpus, :evalset, :asker, :seed, :case_id, :body)
ON CONFLICT DO NOTHING"""
_KEPT = """SELECT case_id, body FROM trial_rows
WHERE solution = :solution AND corpus = :corpus AND evalset = :evalset
AND asker = :asker AND seed = :seed ORDER BY case_id"""
_NAMING = """SELECT * FROM trial_rows WHERE body LIKE :sign ESCAPE '~'"""
_DROP = """DELETE FROM trial_rows WHERE solution = :solution AND corpus = :corpus AND evalset = :evalset
AND asker = :asker AND seed = :seed AND case_id = :case_id"""
_WILD = re.compile("[%_~]")
_SPEND = """INSERT INTO holdouts (evalset, turn, spent_by)
SELECT CAST(:evalset AS VARCHAR(64)), (SELECT COUNT(*) FROM holdouts WHERE evalset = :evalset),
CAST(:by AS VARCHAR(512))
WHERE NOT EXISTS (SELECT 1 FROM holdouts WHERE evalset = :evalset AND spent_by = :by)
ON CONFLICT DO NOTHING"""
_SPENT = "SELECT spent_by FROM holdouts WHERE evalset = :evalset ORDER BY turn"


@dataclass(frozen=True, slots=True)
class RunKey:
    """What a question's outcome depends on, beside the question: digests of all that may differ.

    `corpus` is the corpus version, `evalset` the eval set's digest; `asker` is empty for the owner, who reads all.
    """

    solution: str
    corpus: str
    evalset: str
    asker: str = ""
    seed: int = 0


class Trials:
    """Outcomes of questions and spent holdouts. Several processes may write at once; nothing is ever changed."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url, _SCHEMA)

    @classmethod
    def at(cls, folder: Path) -> Trials:
        """Those of a workspace, in the file of its ledger."""
        return cls(ledger_url(folder))

    def keep(self, key: RunKey, rows: Sequence[Plain]) -> None:
        """Adds outcomes, each with its case's `id`, in one transaction; what is there already stays as it was."""
        if rows:
            named = asdict(key)
            self._database.change((_KEEP, [named | _body(row) for row in rows]))

    def kept(self, key: RunKey) -> dict[str, Plain]:
        """The outcomes by case id."""
        found = self._database.read(_KEPT, asdict(key))
        return {row["case_id"]: json.loads(row["body"]) for row in found}

    def naming(self, documents: Collection[str]) -> list[Plain]:
        """The keys of the outcomes that found one of these documents."""
        found: dict[str, Plain] = {}
        for name in documents:
            sign = _WILD.sub(r"~\g<0>", json.dumps(name, ensure_ascii=False))
            for row in self._database.read(_NAMING, {"sign": f"%{sign}%"}):
                if name in (json.loads(row["body"]).get("documents") or ()):
                    key = {part: value for part, value in row.items() if part != "body"}
                    found[json.dumps(key)] = key
        return list(found.values())

    def drop(self, keys: Sequence[Plain]) -> None:
        """Removes outcomes by their keys; a search that goes on asks them anew."""
        if keys:
            self._database.change((_DROP, list(keys)))

    def spend_holdout(self, evalset: str, by: str) -> bool:
        """Says that `by` has seen the scores of this holdout (its eval set's digest); whether it was the first to.

        Asking again for the same `by` changes nothing and answers the same.
        """
        while by not in (spent := self.holdout_spent(evalset)):
            self._database.change((_SPEND, [{"evalset": evalset, "by": by}]))
        return spent[0] == by

    def holdout_spent(self, evalset: str) -> tuple[str, ...]:
        """Who has seen the scores of this holdout, first one first; empty while it is untouched."""
        found = self._database.read(_SPENT, {"evalset": evalset})
        return tuple(row["spent_by"] for row in found)

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()


def _body(row: Plain) -> dict[str, str]:
    return {"case_id": row["id"], "body": json.dumps(dict(row), ensure_ascii=False)}
