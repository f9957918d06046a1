"""Passages that a question's own words do not reach: by following names, and by walking the graph."""

from dataclasses import replace

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.filters import parse_filter
from surefoot.core.lang import detect
from surefoot.core.lang.entities import entities
from surefoot.core.roles import Call, Mention, Parts
from surefoot.core.types import Acl, Asker, Hit, Query, Turn
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.hops.bridges import akin, bridges, read_question
from surefoot.retrieve.hops.directory import Directory
from surefoot.retrieve.hops.graph import Graph, GraphSettings
from surefoot.retrieve.hops.iterate import Iterate, IterateSettings
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.index_samples import sample
from surefoot.testing.memory_index import FakeIndex

FILMS = {
    "en": {
        "film": (
            "The Glass Harbour (film)",
            "The Glass Harbour is a 1998 film shot in Bergen. Tom Reyes plays the pilot. It was directed by Mara Lund.",
        ),
        "lund": ("Mara Lund", "Mara Lund (3 May 1955) grew up in Vardø and studied law."),
        "reyes": ("Tom Reyes", "Tom Reyes is an actor who lives in Manila."),
        "harbour": ("Harbours", "Where was the director of the harbour born? In the harbour."),
        "born": ("Births", "The director of births was born where the glass was."),
    },
    "zh": {
        "film": (
            "玻璃海港",
            "《玻璃海港》是1998年在青岛拍摄的影片，陈大川饰演领航员，导演是林墨言。",
        ),
        "lund": ("林墨言", "林墨言在哈尔滨长大，学过法律。"),
        "reyes": ("陈大川", "陈大川是演员，住在厦门。"),
        "harbour": ("港口", "港口的导演出生在哪里？导演出生在港口。"),
        "born": ("出生", "导演出生在有玻璃的海港。"),
    },
}
ASKED = {
    "en": "Where was the director of The Glass Harbour born?",
    "zh": "《玻璃海港》的导演出生在哪里？",
}
SELF_CONTAINED = {
    "en": "Who plays the pilot in The Glass Harbour?",
    "zh": "《玻璃海港》里饰演领航员的是谁？",
}
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])


def filled(texts, **given):
    index = FakeIndex()
    for name, (title, text) in texts.items():
        item = sample(name, text, title=title, **given.get(name, {}))
        passages = tuple(replace(p, entities=entities(p.chunk.text)) for p in item.passages)
        index.replace([replace(item, passages=passages)])
    return index


@pytest.fixture
def house(tmp_path):
    """Parts over an index, with a search that only has keywords."""
    encoder = HashEncoder(HashSettings(), ModelEnv(tmp_path))

    def make(index):
        def stage(settings):
            return Search(settings.model_copy(update={"vector": 0}), parts)

        parts = Parts(lambda: index, lambda: encoder, None, None, stage)
        return parts

    return make


def asked(parts, question, keep=3, **given):
    turn = Turn(Query(question, detect(question), **given))
    return Search(SearchSettings(vector=0, keep=keep), parts)(turn, Call())


def found(turn):
    return [hit.chunk.document_id for hit in turn.hits]


def stages(parts, keep=10):
    return [
        Iterate(IterateSettings(keep=keep), parts),
        Graph(GraphSettings(keep=keep), parts),
    ]


@BOTH
@pytest.mark.parametrize("which", [0, 1])
def test_the_second_hop_is_found_only_with_the_stage(house, lang, which):
    parts = house(filled(FILMS[lang]))
    before = asked(parts, ASKED[lang])
    after = stages(parts)[which](before, Call())
    assert "lund" not in found(before)
    assert "lund" in found(after)
    assert len(after.notes) > len(before.notes)


@BOTH
def test_the_name_beside_what_is_asked_comes_before_other_names(house, lang):
    parts = house(filled(FILMS[lang]))
    after = Iterate(IterateSettings(), parts)(asked(parts, ASKED[lang]), Call())
    order = found(after)
    assert order.index("film") < order.index("lund") < order.index("reyes")
    assert {"film", "lund"} <= set(order[:4])
    hit = after.hits[order.index("lund")]
    assert (hit.by, hit.signals["hop"]) == ("iterate", 1.0)
    assert any("Mara Lund" in note.message or "林墨言" in note.message for note in after.notes)


@BOTH
def test_a_question_that_its_passage_answers_needs_no_second_hop(house, lang):
    parts = house(filled(FILMS[lang]))
    before = asked(parts, SELF_CONTAINED[lang])
    assert Iterate(IterateSettings(enough=0.4), parts)(before, Call()) is before


@BOTH
def test_a_question_without_names_stays_as_it_is(house, lang):
    parts = house(filled(FILMS[lang]))
    before = asked(parts, {"en": "where was the director born?", "zh": "导演出生在哪里？"}[lang])
    assert Iterate(IterateSettings(), parts)(before, Call()) is before


@BOTH
@pytest.mark.parametrize("which", [0, 1])
def test_what_the_asker_may_not_read_neither_appears_nor_leads_on(house, lang, which):
    hidden = {"acl": Acl(public=False, users=("ann",))}
    stranger = Asker(trusted=False)
    parts = house(filled(FILMS[lang], lund=hidden))
    turn = asked(parts, ASKED[lang], asker=stranger)
    assert "lund" not in found(stages(parts)[which](turn, Call()))
    parts = house(filled(FILMS[lang], film=hidden))
    turn = asked(parts, ASKED[lang], asker=stranger)
    assert not {"film", "lund"} & set(found(stages(parts)[which](turn, Call())))


@BOTH
@pytest.mark.parametrize("which", [0, 1])
def test_filters_hold_for_what_is_led_to(house, lang, which):
    parts = house(filled(FILMS[lang], lund={"meta": {"year": 1}}, film={"meta": {"year": 2}}))
    year = parse_filter({"type": "eq", "key": "year", "value": 2})
    turn = asked(parts, ASKED[lang], filter=year)
    assert found(stages(parts)[which](turn, Call())) == ["film"]


@pytest.mark.parametrize("which", [0, 1])
def test_only_so_many_hits_go_on_and_the_note_says_so(house, which):
    parts = house(filled(FILMS["en"]))
    after = stages(parts, keep=2)[which](asked(parts, ASKED["en"]), Call())
    assert len(after.hits) == 2
    assert any("dropped" in n.message or "fell behind" in n.message for n in after.notes)
    wanted = stages(parts, keep=2)[which](asked(parts, ASKED["en"]), Call(limit=4))
    assert len(wanted.hits) > 2


def test_a_name_without_a_document_of_its_own_is_searched(house):
    texts = {
        "plan": ("Plan", "The Orion Project is led by Priya Raman since March."),
        "staff": ("Staff list 7", "Desk 41: Priya Raman, extension 2211. Desk 42: Bo Li."),
        "other": ("Notes", "The extension of the project leader is on the list of extensions."),
    }
    parts = house(filled(texts))
    before = asked(parts, "What is the extension of whoever led the Orion Project?", keep=2)
    after = Iterate(IterateSettings(), parts)(before, Call())
    assert "staff" not in found(before)
    assert "staff" in found(after)
    none = Iterate(IterateSettings(searches=0), parts)(before, Call())
    assert "staff" not in found(none)


def test_a_second_round_follows_what_the_first_one_found(house):
    texts = {
        "a": ("Alpha Works", "Alpha Works was founded by Bela Tar."),
        "b": ("Bela Tar", "Bela Tar married Cleo Ode."),
        "c": ("Cleo Ode", "Cleo Ode was a painter."),
        "x": ("Notes", "the spouse of the one who founded it"),
    }
    parts = house(filled(texts))
    turn = asked(parts, "Who is the spouse of the founder of Alpha Works?", keep=2)
    once = Iterate(IterateSettings(), parts)(turn, Call())
    twice = Iterate(IterateSettings(rounds=2), parts)(turn, Call())
    assert "c" not in found(once)
    assert [name for name in found(twice) if name != "x"] == ["a", "b", "c"]


def test_of_a_long_document_the_chunk_that_has_what_is_asked_is_taken(house):
    index = filled({"film": FILMS["en"]["film"]})
    index.replace([sample("lund", "Early days.", "She was born in Vardø.", title="Mara Lund")])
    after = Iterate(IterateSettings(), house(index))(asked(house(index), ASKED["en"]), Call())
    taken = [hit.chunk.text for hit in after.hits if hit.chunk.document_id == "lund"]
    assert taken == ["She was born in Vardø."]


def test_without_a_graph_the_stage_says_how_to_get_one(house):
    index = FakeIndex()
    index.replace([sample("a", "some text", title="Some Title")])
    turn = asked(house(index), "some text")
    with pytest.raises(ConfigError, match=r"no graph"):
        Graph(GraphSettings(), house(index))(turn, Call())


def test_no_hits_stay_no_hits(house):
    parts = house(filled(FILMS["en"]))
    turn = Turn(Query("anything"))
    assert [stage(turn, Call()) for stage in stages(parts)] == [turn, turn]


def test_the_graph_follows_the_index(house):
    index = filled({k: v for k, v in FILMS["en"].items() if k != "lund"})
    parts = house(index)
    for stage in stages(parts):
        assert "lund" not in found(stage(asked(parts, ASKED["en"]), Call()))
    both = stages(parts)
    held = filled(FILMS["en"]).held["lund"]
    index.replace([held])
    for stage in both:
        assert "lund" in found(stage(asked(parts, ASKED["en"]), Call()))
    index.remove(["lund"])
    for stage in both:
        assert "lund" not in found(stage(asked(parts, ASKED["en"]), Call()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was directed by Michael Curtiz.", ["michael curtiz"]),
        ("He liked a comedy.", []),
        ("He liked “Comedy”.", ["comedy"]),
        ("He saw “comedy”.", ["comedy"]),
        ("who is michael curtiz", ["michael curtiz"]),
        ("导演是郭帆，他来自济宁。", ["郭 帆"]),
        ("由郭帆出品", ["郭 帆"]),
        ("他讲的是时间。", []),
        ("他读了《时间》。", ["时 间"]),
        ("the report of 2020 by ACME", []),
        ("why is my exchange rate wrong?", []),
        ("Exchange rate of today", []),
        ("See Exchange rate there", ["exchange rate"]),
        ("Michael Curtiz was born where?", ["michael curtiz"]),
    ],
)
def test_titles_count_where_they_are_written_as_names(text, expected):
    titles = ["Michael Curtiz (director)", "Comedy!", "郭帆", "时间", *["Report"] * 6]
    titles.append("Exchange rate")
    directory = Directory(Mention(f"c{i}", f"d{i}", title) for i, title in enumerate(titles))
    assert [one.key for one in directory.find(text)] == expected


def test_a_title_of_many_documents_tells_none_of_them():
    directory = Directory(Mention(f"c{i}", f"d{i}", "Annual Report") for i in range(6))
    assert directory.find("See the Annual Report.") == []
    assert directory.documents("Annual Report") == ()


@BOTH
def test_bridges_are_weighed_by_how_near_they_stand(lang):
    index = filled(FILMS[lang])
    directory = Directory(index.mentions())
    wanted = read_question(ASKED[lang], directory, index.frequencies)
    best = bridges(FILMS[lang]["film"][1], wanted, directory)[0]
    assert wanted.documents == {"film"}
    assert best.documents == ("lund",)
    assert 0 < best.strength <= 1


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ("director", "director", 1.0),
        ("director", "direct", 0.8),
        ("导演", "导致", 0.0),
        ("film", "fill", 0.0),
    ],
)
def test_terms_of_one_root_are_akin(one, other, value):
    assert akin(one, other) == value


class TestIterateContract(StageContract):
    @pytest.fixture
    def stage(self, house):
        return Iterate(IterateSettings(), house(filled(FILMS["en"])))

    @pytest.fixture
    def turn(self, house):
        return asked(house(filled(FILMS["en"])), ASKED["en"])


class TestGraphContract(StageContract):
    @pytest.fixture
    def stage(self, house):
        return Graph(GraphSettings(), house(filled(FILMS["zh"])))

    @pytest.fixture
    def turn(self, house):
        return asked(house(filled(FILMS["zh"])), ASKED["zh"])


def test_a_hit_keeps_the_signals_it_had(house):
    parts = house(filled(FILMS["en"]))
    turn = asked(parts, ASKED["en"])
    marked = tuple(Hit(h.chunk, h.score, h.by, {"earlier": 1.0}) for h in turn.hits)
    for stage in stages(parts):
        after = stage(replace(turn, hits=marked), Call())
        kept = {hit.chunk.id for hit in marked}
        assert all("earlier" in hit.signals for hit in after.hits if hit.chunk.id in kept)
