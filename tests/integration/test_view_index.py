"""Views with search indexes of every sort find what they find without, and a whole workspace uses them."""

from __future__ import annotations

import numpy as np
import pytest

import surefoot
from surefoot.core.errors import ConfigError
from surefoot.core.filters import Comparison
from surefoot.core.roles import Scope
from surefoot.store import maintenance
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.testing.index_samples import DIMENSIONS, sample, with_views

FAQ = {
    "en": "# Cards\n\nWhere is my card?\nHow long does the post take?\nCan I fetch it?\n",
    "zh": "# 银行卡\n\n我的卡在哪里？\n邮寄需要多久？\n我可以自己去取吗？\n",
}


@pytest.fixture
def index(tmp_path, monkeypatch):
    monkeypatch.setattr(maintenance, "EXACT_BELOW", 300)
    monkeypatch.setattr(maintenance, "SCALAR_FROM", 100)
    monkeypatch.setattr(maintenance, "_ROWS_A_PARTITION", 100)
    return open_index(str(tmp_path), Recipe("r", DIMENSIONS, {"year": "int"}, views=True))


def test_a_view_is_searched_from_the_first_row_on_and_no_longer_than_the_last(index):
    query = np.ones(DIMENSIONS, np.float32)
    index.replace([sample("plain", "nothing asked 无")])
    assert index.vector(query, limit=3, view="lines") == []
    index.replace([item(1)])
    assert len(index.vector(query, limit=3, view="lines")) == 1
    assert len(index.vector(query, limit=9)) == 2  # passages alone
    index.remove(["d1"])
    assert index.vector(query, limit=3, view="lines") == []
    assert len(index.vector(query, limit=9)) == 1


def item(number):
    document = sample(f"d{number}", f"chapter {number} 第{number}章", meta={"year": number % 10})
    texts = [(0, f"line {place} of {number} 行") for place in range(3 + number % 5)]
    return with_views(document, lines=texts, summary=((0, f"sum {number}"),))


def found(index, scope):
    query = np.ones(DIMENSIONS, np.float32)
    made = []
    for view in ("passage", "lines", "summary"):
        hits = index.vector(query, limit=20, scope=scope, view=view)
        made.append([(hit.chunk.id, round(hit.score, 5)) for hit in hits])
        words = index.keyword("line sum chapter 7 行", limit=500, scope=scope, view=view)
        made.append(sorted(hit.chunk.id for hit in words))
    return made


def test_search_indexes_change_nothing_that_views_find(index):
    index.replace([item(number) for number in range(150)])
    scopes = (Scope(), Scope(Comparison("eq", "year", 3)))
    before = [found(index, scope) for scope in scopes]
    assert index.exact
    done = index.maintain()
    assert any(line.startswith("built the vector index") for line in done)
    assert not index.exact
    assert [found(index, scope) for scope in scopes] == before
    ids = [f"d{number}/" for number in (3, 7)]
    chunks = [
        hit for hit in index.vector(np.ones(DIMENSIONS), limit=150) if hit.chunk.id[:3] in ids
    ]
    for hit in chunks:
        scored = index.cosines(np.ones(DIMENSIONS), [hit.chunk.id])
        assert scored == {"passage": {hit.chunk.id: pytest.approx(hit.score, abs=1e-5)}}
    assert index.check() == []


def written(root, views, search=""):
    stages = f'[[stages]]\nkind = "search"\n{search}\n[[stages]]\nkind = "quote"\n'
    text = f'schema = 1\n[corpus]\nembed = {{ kind = "hash" }}\nviews = [{views}]\n{stages}'
    root.mkdir(exist_ok=True)
    (root / "surefoot.toml").write_text(text, "utf-8")


@pytest.mark.parametrize("lang, question", [("en", "where is my card"), ("zh", "我的卡在哪里")])
def test_a_solution_names_its_views_and_search_weighs_them(tmp_path, lang, question):
    docs, root = tmp_path / "docs", tmp_path / "work"
    docs.mkdir()
    (docs / "faq.md").write_text(FAQ[lang], encoding="utf-8")
    (docs / "other.md").write_text("A note on my card. 我的卡的说明。" * 3, encoding="utf-8")
    written(root, "")
    with surefoot.open(root) as space:
        assert space.add(docs).views == 0
        before = space.search(question)
        assert not any("cosine_questions" in hit.signals for hit in before)
    source = f'sources = [{{ kind = "folder", path = "{docs}" }}]\n'
    views = '{ kind = "questions" }, { kind = "sentences" }'
    written(root, views, "views = { questions = 0.5 }")
    file = root / "surefoot.toml"
    file.write_text(file.read_text("utf-8").replace("[corpus]\n", f"[corpus]\n{source}"), "utf-8")
    with surefoot.open(root) as space:
        report = space.sync()
        assert report.views > 3
        best = space.search(question)[0]
        assert best.chunk.document_id == "docs/faq.md"
        assert best.signals["cosine_questions"] > best.signals["cosine"]
        assert space.sync().views == 0
        assert space.resources.index().check() == []


@pytest.mark.parametrize("lang, question", [("en", "where is my card"), ("zh", "我的卡在哪里")])
def test_the_default_finds_lists_of_questions_by_their_lines(tmp_path, lang, question):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "faq.md").write_text(FAQ[lang].split("\n\n")[1], encoding="utf-8")
    (docs / "prose.md").write_text(
        "A note on my card. Is it here? 这是说明。对吗？", encoding="utf-8"
    )
    hashed = {"corpus.embed": {"kind": "hash"}}
    with surefoot.open(tmp_path / "work", overrides=hashed) as space:
        assert space.add(docs).views == 3
        by_document = {hit.chunk.document_id: hit.signals for hit in space.search(question)}
    assert "cosine_questions" in by_document["docs/faq.md"]
    assert "cosine_questions" not in by_document["docs/prose.md"]


def test_two_views_of_one_name_are_refused(tmp_path):
    written(tmp_path, '{ kind = "summary" }, { kind = "questions", name = "summary" }')
    with surefoot.open(tmp_path) as space, pytest.raises(ConfigError, match="'summary'"):
        space.sync()
