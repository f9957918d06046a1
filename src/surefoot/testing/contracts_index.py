"""What every index must keep: inherit the class, give the fixture, and pytest runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from surefoot.core.errors import ConfigError, SurefootError
from surefoot.core.filters import parse_filter
from surefoot.core.roles import Index, IndexedDocument, Listing, Scope, ValueCount
from surefoot.core.types import Acl, Asker, Document
from surefoot.testing.index_samples import sample, unread, vector_of

OpenIndex = Callable[[], Index]

LAW = sample(
    "law",
    "The court heard a patent dispute about batteries.",
    "知识产权侵权诉讼的赔偿标准由法院确定。",
    title="Law 法律",
    meta={"year": 2020, "topic": "law", "rate": 1.5, "checked": True, "tags": ("a", "b")},
)
FOOD = sample(
    "food",
    "Bananas ripen faster in a paper bag.",
    "香蕉在纸袋里熟得更快。",
    title="Food",
    meta={"year": 2023, "topic": "食品", "checked": False, "作者": "王'五\"; DROP TABLE--"},
)
SECRET = sample(
    "secret",
    "The battery patent will be sold.",
    "电池专利将被出售。",
    acl=Acl(public=False, users=("ann", "o'brien"), groups=("legal",)),
)
ANYONE = Scope(asker=Asker(trusted=False))


def named_document(name: str) -> Document:
    """A document without text whose title tells of food in Chinese."""
    return Document(name, f"file:///{name}", f"digest of {name}", "", title="食品")


class IndexContract:
    """Give a fixture `open_index` that opens one and the same index again and again, empty at first.

    Its vectors have `index_samples.DIMENSIONS` dimensions, and no metadata are declared.
    """

    def test_an_empty_index_finds_nothing(self, open_index: OpenIndex) -> None:
        """No error, no rows."""
        index = open_index()
        assert index.keyword("patent 专利", limit=5) == []
        assert index.vector(vector_of("x"), limit=5) == []
        assert index.vectors([]).shape[0] == 0
        assert index.chunks("law") == []
        assert index.document("law") is None
        assert (list(index.documents()), list(index.states())) == ([], [])
        assert index.frequencies(["patent"]) == ([0], 0)
        assert index.remove(["law"]) == 0
        index.replace([])
        index.close()

    def test_what_is_put_in_comes_out(self, open_index: OpenIndex) -> None:
        """Documents, chunks, states and vectors are equal to those given, for another handle too."""
        open_index().replace([LAW, FOOD, unread("broken", "it is torn")])
        index = open_index()
        assert [d.id for d in index.documents()] == ["food", "law"]
        assert index.document("law") == LAW.document
        assert index.document("broken") is None
        assert index.chunks("law") == [p.chunk for p in LAW.passages]
        assert index.chunks("law", first=1) == [LAW.passages[1].chunk]
        assert index.chunks("law", last=0) == [LAW.passages[0].chunk]
        assert {s.id: (s.status, s.reason, s.chunks) for s in index.states()} == {
            "broken": ("failed", "it is torn", 0),
            "food": ("ok", "", 2),
            "law": ("ok", "", 2),
        }
        passages = [FOOD.passages[1], LAW.passages[0], FOOD.passages[1]]
        vectors = index.vectors([p.chunk.id for p in passages])
        np.testing.assert_allclose(vectors, np.stack([p.vector for p in passages]), atol=1e-6)

    def test_keywords_find_chunks_in_both_languages(self, open_index: OpenIndex) -> None:
        """Best first, with the raw score, and before and after maintenance."""
        index = open_index()
        index.replace([LAW, FOOD])
        for _ in range(2):
            for question, chunk in (
                ("patents", LAW.passages[0].chunk),
                ("侵权诉讼", LAW.passages[1].chunk),
                ("知识产权", LAW.passages[1].chunk),
                ("香蕉怎么熟得更快？", FOOD.passages[1].chunk),
            ):
                hits = index.keyword(question, limit=3)
                assert hits[0].chunk == chunk
                assert hits[0].by == "keyword"
                assert hits[0].score == hits[0].signals["bm25"] > 0
                assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
            assert index.keyword("the of", limit=3) == []
            index.maintain()

    def test_an_exact_chinese_phrase_comes_first(self, open_index: OpenIndex) -> None:
        """Before chunks that hold its parts apart, more often."""
        index = open_index()
        apart = sample(
            "apart", "产权归个人，知识归大家，知识越多越好，产权越清楚越好，知识与产权。"
        )
        whole = sample(
            "whole", "本章介绍知识产权的申请流程、所需材料、费用以及办理时间等各项内容。"
        )
        index.replace([apart, whole])
        assert index.keyword("知识产权", limit=2)[0].chunk.document_id == "whole"

    @pytest.mark.parametrize(
        "text",
        ["", " ", '"', "(a AND", "a OR b)", "+-*/\\^~:[]{}", "😀", "\x00", "的", "字" * 10_000],
    )
    def test_no_text_breaks_a_query(self, open_index: OpenIndex, text: str) -> None:
        """Operators, quotes and lengths mean nothing."""
        index = open_index()
        index.replace([LAW])
        index.keyword(text, limit=3)
        index.keyword(f"{text} patent", limit=3)

    def test_metadata_and_rights_belong_to_the_version(self, open_index: OpenIndex) -> None:
        """Two states with the same texts are told apart by what is said of a text, and by who may read it."""
        index = open_index()
        index.replace([LAW, FOOD])
        plain, marks = index.version(), dict(index.marks())
        document = LAW.document
        told = replace(document, meta={**document.meta, "部门": "法务", "year": 2024})
        closed = replace(document, acl=Acl(public=False, groups=("法务",)))
        versions = {plain}
        for changed in (told, closed):
            state = replace(LAW.state, acl=changed.acl)
            index.replace([replace(LAW, document=changed, state=state)])
            versions.add(index.version())
            assert index.marks()["food"] == marks["food"]
            assert index.marks()["law"] != marks["law"]
        assert len(versions) == 3
        index.replace([LAW])
        assert (index.version(), index.marks()) == (plain, marks)

    def test_vectors_find_their_chunks(self, open_index: OpenIndex) -> None:
        """The same vector first, with cosine 1; all others in order."""
        index = open_index()
        index.replace([LAW, FOOD])
        passages = [*LAW.passages, *FOOD.passages]
        for passage in passages:
            query = np.asarray(passage.vector, np.float32)
            hits = index.vector(query, limit=10)
            best = sorted(passages, key=lambda p: -float(np.dot(p.vector, query)))
            assert [h.chunk for h in hits] == [p.chunk for p in best]
            assert hits[0].signals["cosine"] == pytest.approx(1, abs=1e-5)
            assert {h.by for h in hits} == {"vector"}
        assert len(index.vector(query, limit=1)) == 1

    def test_a_document_is_replaced_as_a_whole(self, open_index: OpenIndex) -> None:
        """The old text is gone from every search, fewer and more chunks alike."""
        index, reader = open_index(), open_index()
        index.replace([LAW, FOOD])
        before = reader.version()
        index.replace([sample("law", "Only tomatoes now."), unread("food", "locked")])
        assert reader.keyword("patent 侵权", limit=5) == []
        assert len(reader.vector(vector_of("x"), limit=9)) == 1
        assert [c.text for c in reader.chunks("law")] == ["Only tomatoes now."]
        assert [d.id for d in reader.documents()] == ["law"]
        assert reader.version() != before
        index.replace([LAW, FOOD])
        assert reader.version() == before
        assert reader.frequencies(["patent", "侵权", "tomato"]) == ([1, 1, 0], 4)

    def test_a_list_comes_in_parts(self, open_index: OpenIndex) -> None:
        """In the order of ids: after one, so many, of a status, with a text; and only what the asker may read."""
        index = open_index()
        named = replace(unread("资料", '"status": "ok"', "empty"), document=named_document("资料"))
        index.replace([LAW, FOOD, SECRET, unread("broken", "torn"), named])
        assert [s.id for s in index.states(part=Listing(limit=2))] == ["broken", "food"]
        rest = index.states(part=Listing(after="food", limit=9))
        assert [s.id for s in rest] == ["law", "secret", "资料"]
        assert [s.id for s in index.states(part=Listing(status="failed"))] == ["broken"]
        assert [s.id for s in index.states(part=Listing(text="LA"))] == ["law"]
        assert [s.id for s in index.states(part=Listing(text="食品", limit=1))] == ["资料"]
        assert [s.id for s in index.states(part=Listing(text="'%_"))] == []
        assert [d.id for d in index.documents(part=Listing(limit=1))] == ["food"]
        for lang in ("en", "zh", "other"):
            wanted = [
                d.id for d in (FOOD.document, LAW.document, SECRET.document) if d.lang == lang
            ]
            assert [d.id for d in index.documents(part=Listing(lang=lang))] == wanted
        after = index.documents(scope=ANYONE, part=Listing(after="food", limit=5))
        assert [d.id for d in after] == ["law"]
        counts = {"ok": 3, "empty": 1, "failed": 1, "duplicate": 0, "off": 0}
        assert dict(index.statuses()) == counts
        assert dict(index.statuses(scope=ANYONE)) == {**counts, "ok": 2}

    def test_what_is_switched_off_is_found_by_nothing(self, open_index: OpenIndex) -> None:
        """Its text stays, for whoever switches it on again."""
        index = open_index()
        index.replace([LAW, FOOD])
        before = index.version()
        state = replace(LAW.state, status="off", chunks=0)
        index.replace([IndexedDocument(LAW.document, state)])
        assert index.keyword("patent 侵权", limit=5) == []
        assert index.frequencies(["patent"])[0] == [0]
        assert index.chunks("law") == []
        assert index.document("law") is None
        assert [d.id for d in index.documents()] == ["food"]
        assert index.statuses()["off"] == 1
        assert index.version() != before
        kept = index.document("law", off=True)
        assert kept is not None
        assert kept.text == LAW.document.text
        index.replace([LAW])
        assert index.version() == before

    def test_removed_documents_are_gone(self, open_index: OpenIndex) -> None:
        """Whatever their state was."""
        index, reader = open_index(), open_index()
        index.replace([LAW, FOOD, unread("broken", "torn"), unread("blank", "no text", "empty")])
        assert index.remove(["law", "broken", "blank", "unknown", "law"]) == 3
        assert [s.id for s in reader.states()] == ["food"]
        assert reader.keyword("patent", limit=5) == []
        assert reader.document("law") is None
        assert reader.frequencies(["patent"]) == ([0], 2)

    def test_rights_are_applied_before_the_search(self, open_index: OpenIndex) -> None:
        """A limit of 1 still finds the one that may be read; the owner reads everything."""
        index = open_index()
        index.replace([LAW, FOOD, SECRET])
        query = np.asarray(SECRET.passages[0].vector, np.float32)
        for asker, allowed in (
            (Asker(), True),
            (Asker("ann"), True),
            (Asker("o'brien", trusted=False), True),
            (Asker("bob", ("sales", "legal")), True),
            (Asker("bob"), False),
            (Asker("legal"), False),
            (Asker(trusted=False), False),
            (Asker("' OR 1=1 --", ("') OR ('1'='1",), trusted=False), False),
        ):
            scope = Scope(asker=asker)
            assert ("secret" in _documents(index, "battery 电池专利", scope)) is allowed
            nearest = index.vector(query, limit=1, scope=scope)
            assert (nearest[0].chunk.document_id == "secret") is allowed
            assert bool(index.chunks("secret", scope=scope)) is allowed
            assert (index.document("secret", scope=scope) is not None) is allowed
            assert ("secret" in {d.id for d in index.documents(scope=scope)}) is allowed

    @pytest.mark.parametrize(
        "raw, expected",
        [
            ({"type": "eq", "key": "year", "value": 2020}, ["law"]),
            ({"type": "gte", "key": "year", "value": 2020.5}, ["food"]),
            ({"type": "ne", "key": "year", "value": 2020}, ["food", "plain"]),
            ({"type": "in", "key": "topic", "value": ["law", "食品"]}, ["food", "law"]),
            ({"type": "nin", "key": "topic", "value": ["law"]}, ["food", "plain"]),
            ({"type": "eq", "key": "checked", "value": True}, ["law"]),
            ({"type": "eq", "key": "tags", "value": "b"}, ["law"]),
            ({"type": "lt", "key": "rate", "value": 2}, ["law"]),
            ({"type": "eq", "key": "作者", "value": "王'五\"; DROP TABLE--"}, ["food"]),
            (
                {
                    "type": "and",
                    "filters": [
                        {"type": "gt", "key": "year", "value": 2000},
                        {
                            "type": "or",
                            "filters": [
                                {"type": "eq", "key": "topic", "value": "食品"},
                                {"type": "eq", "key": "topic", "value": "none"},
                            ],
                        },
                    ],
                },
                ["food"],
            ),
        ],
    )
    def test_metadata_filter_without_declaration(
        self, open_index: OpenIndex, raw: object, expected: Sequence[str]
    ) -> None:
        """In every search and in the lists; keys in any script, values with quotes."""
        index = open_index()
        index.replace([LAW, FOOD, sample("plain", "A patent on bananas, 香蕉专利诉讼。")])
        scope = Scope(parse_filter(raw))
        assert sorted(d.id for d in index.documents(scope=scope)) == expected
        found = index.vector(vector_of("x"), limit=9, scope=scope)
        assert sorted({h.chunk.document_id for h in found}) == expected
        assert _documents(index, "patent bananas 诉讼 香蕉", scope) == set(expected)
        assert bool(index.chunks("law", scope=scope)) is ("law" in expected)
        assert (index.document("law", scope=scope) is not None) is ("law" in expected)

    def test_values_and_passages_are_counted_in_scope(self, open_index: OpenIndex) -> None:
        """Keys and values in any script, items of lists one by one, and nothing of what may not be read."""
        index = open_index()
        assert (index.count(), index.keys(), index.values("year")) == (0, [], [])
        index.replace([LAW, FOOD, SECRET, unread("broken", "it is torn")])
        assert index.count() == 6
        assert index.count(ANYONE) == 4
        newer = Scope(parse_filter({"type": "gt", "key": "year", "value": 2020}))
        assert index.count(newer) == 2
        assert {"year", "topic", "tags", "作者"} <= set(index.keys())
        found = {key: index.values(key) for key in ("year", "topic", "tags", "checked", "rate")}
        assert found["year"] == [ValueCount(2020, 1), ValueCount(2023, 1)]
        assert found["topic"] == [ValueCount("law", 1), ValueCount("食品", 1)]
        assert found["tags"] == [ValueCount("a", 1), ValueCount("b", 1)]
        assert found["checked"] == [ValueCount(False, 1), ValueCount(True, 1)]
        assert found["rate"] == [ValueCount(1.5, 1)]
        assert index.values("topic", scope=newer) == [ValueCount("食品", 1)]
        assert index.values("year", limit=1) == [ValueCount(2020, 1)]
        assert index.values("no such key") == []
        index.replace([sample("new", "text", meta={"year": 2023})])
        assert index.values("year") == [ValueCount(2023, 2), ValueCount(2020, 1)]

    def test_an_unknown_key_is_named_with_those_that_are_known(self, open_index: OpenIndex) -> None:
        """A wrong filter is the asker's mistake; it never finds everything."""
        index = open_index()
        index.replace([LAW])
        scope = Scope(parse_filter({"type": "eq", "key": "jahr", "value": 2020}))
        with pytest.raises(ConfigError, match=r"jahr.*year"):
            index.keyword("patent", limit=1, scope=scope)
        wrong = Scope(parse_filter({"type": "eq", "key": "year", "value": "2020"}))
        with pytest.raises(ConfigError, match="year"):
            index.vector(vector_of("x"), limit=1, scope=wrong)

    def test_a_batch_that_does_not_fit_changes_nothing(self, open_index: OpenIndex) -> None:
        """A document twice in a batch is refused, and all of the batch with it."""
        index = open_index()
        index.replace([LAW])
        with pytest.raises(SurefootError):
            index.replace([FOOD, sample("law", "one"), sample("law", "two")])
        assert [s.id for s in index.states()] == ["law"]
        assert index.chunks("law") == [p.chunk for p in LAW.passages]

    def test_maintenance_changes_no_answer(self, open_index: OpenIndex) -> None:
        """It says what it did, in words."""
        index = open_index()
        for number in range(12):
            index.replace([sample(f"d{number}", f"chapter {number} of 第{number}章", "tail 尾")])
        index.remove(["d3", "d7"])
        before = _answers(index)
        done = index.maintain()
        assert all(isinstance(line, str) and line for line in done)
        assert _answers(index) == before
        assert _answers(open_index()) == before

    def test_ids_and_texts_of_any_sort(self, open_index: OpenIndex) -> None:
        """Quotes, other scripts, emoji and line ends."""
        index = open_index()
        for name in ("it's.txt", '文档/第"1"章.md', "a%_b\\c", "😀", "x" * 300):
            item = sample(name, f"text of {name}\r\n\x00\t' ; --", title=name)
            index.replace([item])
            index.replace([item])
            assert index.document(name) == item.document
            assert index.chunks(name) == [p.chunk for p in item.passages]
            assert index.remove([name]) == 1
        assert list(index.states()) == []


def _documents(index: Index, text: str, scope: Scope) -> set[str]:
    return {hit.chunk.document_id for hit in index.keyword(text, limit=9, scope=scope)}


def _answers(index: Index) -> tuple[object, ...]:
    return (
        sorted(hit.chunk.id for hit in index.keyword("chapter tail 章", limit=50)),
        [hit.chunk.id for hit in index.vector(vector_of("x"), limit=50)],
        list(index.states()),
        index.frequencies(["chapter", "第", "tail"]),
        index.version(),
    )
