"""A workspace whose table stands for an engine elsewhere: rows with a web page, without one, with a script."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from serving import SOLUTION, make_space

ROWS = {
    "page": ("The ferry to Heron Island costs eleven crowns.", "https://fares.example.org/1"),
    "seite": ("前往苍鹭岛的渡船每位成人收费十一克朗。", "https://fares.example.org/2?a=1&b=2"),
    "none": ("The lighthouse keeper repairs the foghorn on Tuesdays.", ""),
    "file": ("The regatta was won by the sloop Silver Gull.", "file:///srv/regatta.txt"),
    "script": ("The museum opens its whale hall in winter.", "javascript:alert(1)"),
}
ASKED = {
    "page": "How much does the ferry to Heron Island cost?",
    "seite": "前往苍鹭岛的渡船收费多少？",
    "none": "When does the lighthouse keeper repair the foghorn?",
    "file": "Who won the regatta?",
    "script": "When does the museum open its whale hall?",
}
_ENGINE = """
[[stages]]
kind = "federate"
[[stages.engines]]
kind = "sql"
name = "fares"
file = "fares.sqlite"
query = '''
SELECT id, title, text, url,
       (SELECT count(*) FROM json_each(:terms) AS t WHERE instr(lower(text), t.value)) AS score
FROM fares WHERE score > 0 ORDER BY score DESC LIMIT :limit
'''
[[stages]]
kind = "quote"
"""


def make_joined(root: Path) -> Path:
    """The small workspace, with the table beside its search."""
    make_space(root, SOLUTION.replace('[[stages]]\nkind = "quote"\n', _ENGINE.lstrip()))
    connection = sqlite3.connect(root / "fares.sqlite")
    connection.execute("CREATE TABLE fares (id, text, title, url)")
    rows = [(name, text, f"<b>{name}</b>", url) for name, (text, url) in ROWS.items()]
    connection.executemany("INSERT INTO fares VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return root
