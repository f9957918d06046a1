"""Nobody is told anything of a document that they may not read: by no search, stage, count, note, error or tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import surefoot
from surefoot.core.errors import SurefootError
from surefoot.core.roles import Call, Scope
from surefoot.core.types import Acl, Asker
from surefoot.run.workspace import Workspace
from surefoot.testing.index_samples import held_by, may_read, with_rights

SOLUTION = """schema = 1
name = "house"
[corpus]
sources = [{{ kind = "folder", path = "docs", name = "docs" }}]
embed = {{ kind = "hash", dimensions = 64 }}
views = [{{ kind = "summary" }}, {{ kind = "questions" }}]
isolation = "{isolation}"
[corpus.graph]
{stages}
"""
SEARCH = '[[stages]]\nkind = "search"\n'
QUOTE = '[[stages]]\nkind = "quote"\nrefuse = { threshold = 0 }\n'
STAGES = {
    "hybrid": SEARCH,
    "keyword": '[[stages]]\nkind = "search"\nvector = 0\n',
    "vector": '[[stages]]\nkind = "search"\nkeyword = 0\n',
    "views": '[[stages]]\nkind = "search"\nviews = { summary = 0.3, questions = 0.3 }\n',
    "graph": SEARCH + '[[stages]]\nkind = "graph"\n',
    "iterate": SEARCH + '[[stages]]\nkind = "iterate"\nenough = 5.0\n',
    "spelling": '[[stages]]\nkind = "spelling"\n' + SEARCH,
    "feedback": SEARCH + '[[stages]]\nkind = "feedback"\nshift = 0.3\n',
    "parents": SEARCH + '[[stages]]\nkind = "parents"\n',
    "neighbours": SEARCH + '[[stages]]\nkind = "neighbours"\n',
    "filters": '[[stages]]\nkind = "infer-filters"\n' + SEARCH,
    "federate": '[[stages]]\nkind = "federate"\n',
    "rerank": SEARCH + '[[stages]]\nkind = "rerank"\nby = { kind = "features" }\n',
}
"""Ways to search, each with an answer after it."""
EXACT = ("vector",)
NAMES = ("Velmora", "Quistaan", "Ardentis", "Brelkin", "Tosvari", "Plimwick")
HAN = ("青岚集团", "墨渊工厂", "白榆学院", "赤霄港口", "玄圃药业", "紫湖车站")
USERS = ("ann", "bob", "王伟")
GROUPS = ("staff", "legal", "财务")


def text_of(number: int) -> str:
    """A document that names itself, its neighbour and a word that only it has."""
    own, other = NAMES[number], NAMES[(number + 1) % len(NAMES)]
    if number % 2:
        own, other = HAN[number], HAN[(number + 1) % len(HAN)]
        return (
            f"---\ntitle: {own}\nkey{number}: 值{number}\ncity: 城市{number}\n---\n# {own}\n\n"
            f"{own}的负责人是{other}的创始人，密码词为{NAMES[number]}。退款在三十天内支付。\n"
        )
    return (
        f"---\ntitle: {own}\nkey{number}: value{number}\ncity: city{number}\n---\n# {own}\n\n"
        f"The director of {own} is the founder of {other}. Its {HAN[number]} codeword is "
        f"{own.lower()}zz. Refunds are paid within thirty days.\n"
    )


def marks_of(number: int) -> tuple[str, ...]:
    """What only this document says of itself, in text, metadata and name."""
    kind = "值" if number % 2 else "value"
    return (f"{NAMES[number].lower()}zz", f"{kind}{number}", f"key{number}", f"doc{number}.md")


QUESTIONS = (
    "Who is the founder of Velmora?",
    "velmorazy quistan ardentizz",
    "What is the codeword of Ardentis in city2?",
    "退款在几天内支付？",
    "墨渊工厂的负责人是谁？",
    "城市3的密码词",
)

acls = st.builds(
    Acl,
    public=st.sampled_from((False, False, True)),
    users=st.lists(st.sampled_from(USERS), max_size=1).map(tuple),
    groups=st.lists(st.sampled_from(GROUPS), max_size=2, unique=True).map(tuple),
)
askers = st.builds(
    Asker,
    user=st.sampled_from((None, *USERS)),
    groups=st.lists(st.sampled_from(GROUPS), max_size=2, unique=True).map(tuple),
    trusted=st.just(False),
)


def make(root: Path, isolation: str, documents: int = len(NAMES)) -> dict[str, Workspace]:
    """A workspace with the first documents, opened for each way to search."""
    (root / "docs").mkdir(parents=True)
    (root / "solutions").mkdir()
    for number in range(documents):
        (root / "docs" / f"doc{number}.md").write_text(text_of(number), encoding="utf-8")
    written = {"surefoot.toml": SEARCH}
    written |= {f"solutions/{name}.toml": stages + QUOTE for name, stages in STAGES.items()}
    for name, stages in written.items():
        text = SOLUTION.format(isolation=isolation, stages=stages)
        (root / name).write_text(text, encoding="utf-8")
    with surefoot.open(root) as space:
        assert bool(space.sync().problems) == (not documents)  # an empty folder is one
    return {name: surefoot.open(root, solution=name) for name in STAGES}


class House:
    """A corpus whose rights are changed from case to case, one that physically holds a part, and their ways to ask."""

    def __init__(self, root: Path, isolation: str) -> None:
        self.isolation = isolation
        self.whole = make(root / "whole", isolation)
        self.part = make(root / "part", isolation)
        self.read = list(held_by(self.whole["hybrid"].resources.index()))
        for name, space in self.whole.items():
            assert "hits" in told(space, QUESTIONS[0], Asker()), name

    def give(self, rights: Sequence[Acl], asker: Asker) -> list[int]:
        """Puts these rights in force; the other corpus then holds what the asker may read. Returns the hidden."""
        held = [with_rights(one, acl) for one, acl in zip(self.read, rights, strict=True)]
        seen = [may_read(one.document.acl, asker) for one in held]
        whole, part = (spaces["hybrid"].resources.index() for spaces in (self.whole, self.part))
        whole.replace(held)
        part.remove([one.document.id for one in held])
        part.replace([one for one, mine in zip(held, seen, strict=True) if mine])
        return [number for number, mine in enumerate(seen) if not mine]

    def close(self) -> None:
        for space in (*self.whole.values(), *self.part.values()):
            space.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"), "shared")
    yield made
    made.close()


@pytest.fixture(scope="module")
def strict_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("strict-house"), "strict")
    yield made
    made.close()


def told(space: Workspace, question: str, asker: Asker) -> dict[str, object]:
    """All that a question gives away: hits, streamed text, answer, citations, notes, or the error."""
    streamed: list[str] = []
    try:
        asked = space.run(space.query(question, asker=asker), Call(on_text=streamed.append))
    except SurefootError as problem:
        return {"error": str(problem)}
    turn = asked.turn
    return {
        "hits": [
            (hit.chunk.id, hit.chunk.text, hit.chunk.title, dict(hit.chunk.meta))
            for hit in turn.hits
        ],
        "cosines": {hit.chunk.id: hit.signals.get("cosine") for hit in turn.hits},
        "scores": [(hit.score, hit.by, dict(hit.signals)) for hit in turn.hits],
        "confidence": turn.answer and (turn.answer.confidence, turn.answer.refused),
        "answer": turn.answer and (turn.answer.text, [asdict(c) for c in turn.answer.citations]),
        "notes": [note.message for note in turn.notes],
        "steps": [step.notes for step in asked.steps],
        "variants": turn.query.variants,
        "streamed": "".join(streamed),
    }


def corpus_facts(space: Workspace, asker: Asker) -> Mapping[str, object]:
    """What the index counts and lists for an asker."""
    index, scope = space.resources.index(), Scope(asker=asker)
    keys = index.keys(scope=scope)
    return {
        "documents": [(one.id, one.text, one.title) for one in space.documents(asker=asker)],
        "count": index.count(scope),
        "keys": keys,
        "values": {key: index.values(key, scope=scope) for key in (*keys, "lang")},
        "mentions": list(index.mentions(scope=scope)),
        "frequencies": index.frequencies(["refund", "velmorazz", "退款", "codeword"], scope=scope),
        "errors": [_refused(space, key, asker) for key in ("key0", "key1", "key5", "nothing")],
    }


def _refused(space: Workspace, key: str, asker: Asker) -> str:
    filter = {"type": "gt", "key": key, "value": 3}
    try:
        return str(len(space.search("refunds", filter=filter, asker=asker)))
    except SurefootError as problem:
        return str(problem)


def check(house: House, rights: Sequence[Acl], asker: Asker, question: str) -> None:
    hidden = house.give(rights, asker)
    secrets = [mark for number in hidden for mark in marks_of(number) if mark not in question]
    whole, part = house.whole["hybrid"], house.part["hybrid"]
    assert corpus_facts(whole, asker) == corpus_facts(part, asker)
    for number in hidden:
        document = house.read[number].document
        scope, index = Scope(asker=asker), whole.resources.index()
        assert index.document(document.id, scope=scope) is None
        assert index.chunks(document.id, scope=scope) == []
    for name in STAGES:
        found = told(house.whole[name], question, asker)
        said = str(found)
        assert not [mark for mark in secrets if mark in said], (name, found)
        alone = told(house.part[name], question, asker)
        if name in EXACT or house.isolation == "strict":
            assert found == alone, name
        elif "cosines" in found and "cosines" in alone:
            both = found["cosines"].keys() & alone["cosines"].keys()
            assert all(found["cosines"][one] == alone["cosines"][one] for one in both)


given_rights = given(
    rights=st.lists(acls, min_size=len(NAMES), max_size=len(NAMES)),
    asker=askers,
    question=st.sampled_from(QUESTIONS),
)
calm = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given_rights
@settings(calm, max_examples=6)
def test_nothing_is_told_of_what_one_may_not_read(house, rights, asker, question):
    check(house, rights, asker, question)


@pytest.mark.slow
@given_rights
@settings(calm, max_examples=25)
def test_nothing_is_told_whoever_asks_what(house, rights, asker, question):
    check(house, rights, asker, question)


@given_rights
@settings(calm, max_examples=6)
def test_strict_isolation_answers_as_if_nothing_else_were_there(
    strict_house, rights, asker, question
):
    check(strict_house, rights, asker, question)


@pytest.mark.slow
@given_rights
@settings(calm, max_examples=25)
def test_strict_isolation_holds_whoever_asks_what(strict_house, rights, asker, question):
    check(strict_house, rights, asker, question)


def test_strict_scores_are_those_of_a_new_corpus_of_its_own(strict_house, tmp_path):
    """The corpus compared with is shared, was never written again, and its owner asks."""
    staff = Acl(groups=("staff",), public=False)
    rights = [staff, staff, Acl(), Acl(), staff, Acl(users=("bob",), public=False)]
    hidden = strict_house.give(rights, Asker("ann", ("staff",), trusted=False))
    assert hidden == [5]
    alone = make(tmp_path / "alone", "shared", documents=0)
    alone["hybrid"].resources.index().replace(strict_house.read[:5])
    for question in QUESTIONS:
        for name in ("keyword", "hybrid", "views"):
            mine = strict_house.whole[name].search(question, asker=Asker("ann", ("staff",)))
            theirs = alone[name].search(question)
            assert [(hit.chunk.text, hit.score) for hit in mine] == [
                (hit.chunk.text, hit.score) for hit in theirs
            ]
    for space in alone.values():
        space.close()
