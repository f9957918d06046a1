"""A found solution as a file: comments stay, what is gone goes, new stages come in."""

import tomllib

from surefoot.optimize.spaces.winner import rewritten

TEXT = """# Ours.
schema = 1
name = "ours"

[corpus]
sources = [{ kind = "folder", path = "文档" }]  # where they lie
fold_han = true

# Found by words and by meaning.
[[stages]]
kind = "search"
weight = 0.6  # measured once

[[stages]]
kind = "quote"  # no model
"""


def test_settings_change_where_they_stand_and_comments_stay():
    plain = {
        "schema": 1,
        "name": "other",
        "corpus": {
            "sources": [{"kind": "folder", "path": "文档"}],
            "chunk": {"kind": "structure", "max_tokens": 128},
        },
        "stages": [{"kind": "search", "weight": 0.8, "views": {"a": 0.2}}, {"kind": "quote"}],
    }
    text = rewritten(TEXT, plain)
    assert tomllib.loads(text) == {**plain, "name": "ours"}
    for comment in ("# Ours.", "# where they lie", "# no model"):
        assert comment in text
    assert rewritten(text, plain) == text


def test_stages_come_and_go():
    plain = tomllib.loads(TEXT)
    search, quote = plain["stages"]
    rerank = {"kind": "rerank", "by": {"kind": "features"}, "depth": 10}
    text = rewritten(TEXT, {**plain, "stages": [search, rerank, quote]})
    assert tomllib.loads(text)["stages"] == [search, rerank, quote]
    assert "# measured once" in text
    assert tomllib.loads(rewritten(text, plain)) == plain
    alone = {"schema": 1, "stages": [{"kind": "answer", "model": "http:x"}], "endpoints": {}}
    assert tomllib.loads(rewritten(TEXT, alone)) == {**alone, "name": "ours"}
