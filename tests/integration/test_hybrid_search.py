"""The search stage over a real index: both languages, filters and rights reach both searches."""

import pytest

from surefoot.core.filters import parse_filter
from surefoot.core.lang import detect
from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Acl, Asker, Chunk, Document, Query, Turn
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.arrange.neighbours import Neighbours, NeighboursSettings
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index

ROWS = [
    ("handbook", 2023, Acl(), "Reset your password on the account page."),
    ("handbook", 2023, Acl(), "A new password must have twelve characters."),
    ("notice", 2024, Acl(), "The cafeteria opens at eight in the morning."),
    ("secret", 2024, Acl(public=False, users=("ann",)), "The master password is kept in the safe."),
    ("手册", 2023, Acl(), "请在账户页面重置密码。"),
    ("通知", 2024, Acl(), "食堂早上八点开门。"),
]


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    encoder = HashEncoder(HashSettings())
    index = open_index(
        str(tmp_path_factory.mktemp("lance")),
        Recipe("r", encoder.dimensions, {"year": "int"}, encoder.digest),
    )
    batch = []
    for name in dict.fromkeys(row[0] for row in ROWS):
        rows = [row for row in ROWS if row[0] == name]
        _, year, acl, _ = rows[0]
        text = "\n".join(row[3] for row in rows)
        document = Document(name, name, name, text, meta={"year": year}, acl=acl)
        passages = []
        for number, row in enumerate(rows):
            start = text.index(row[3])
            chunk = Chunk(
                f"{name}-{number}",
                name,
                row[3],
                start,
                start + len(row[3]),
                index=number,
                meta={"year": year},
            )
            passages.append(Passage(chunk, row[3], encoder.embed_passages([row[3]])[0]))
        state = DocumentState(name, name, name, "ok", acl=acl, chunks=len(rows))
        batch.append(IndexedDocument(document, state, tuple(passages)))
    index.replace(batch)
    yield Parts(lambda: index, lambda: encoder, None, None, None)
    index.close()


DEFAULT = SearchSettings()


def found(parts, text, settings=DEFAULT, **query):
    turn = Search(settings, parts)(Turn(Query(text, detect(text), **query)), Call())
    assert turn.notes == ()
    return turn


@pytest.mark.parametrize(
    "question, document", [("How do I reset my password?", "handbook"), ("如何重置密码？", "手册")]
)
def test_both_searches_find_and_explain(parts, question, document):
    best = found(parts, question).hits[0]
    assert best.chunk.document_id == document
    assert best.signals["keyword_rank"] == best.signals["vector_rank"] == 1
    assert best.signals["bm25"] > 0


@pytest.mark.parametrize("settings", [SearchSettings(vector=0), SearchSettings(keyword=0)])
def test_filters_and_rights_hold_on_each_side(parts, settings):
    later = parse_filter({"type": "gte", "key": "year", "value": 2024})
    public = {"notice", "通知"}
    bob = Asker(user="bob", trusted=False)
    hits = found(parts, "password cafeteria 食堂 密码", settings, filter=later, asker=bob).hits
    assert {hit.chunk.document_id for hit in hits} <= public
    ann = Asker(user="ann", trusted=False)
    hits = found(parts, "master password", settings, filter=later, asker=ann).hits
    assert hits[0].chunk.document_id == "secret"


def test_a_question_without_words_still_searches_by_vector(parts):
    assert all("bm25" not in hit.signals for hit in found(parts, "？！").hits)


def test_neighbours_come_from_the_index_in_order(parts):
    turn = found(parts, "twelve characters", SearchSettings(keep=1))
    after = Neighbours(NeighboursSettings(before=1), parts)(turn, Call())
    assert [hit.chunk.id for hit in after.hits] == ["handbook-0", "handbook-1"]
