"""The space that is searched where none is given: what documents, questions and model cache make worth trying."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from surefoot.config.catalog import ModelCard, load_catalog
from surefoot.config.solution import Solution
from surefoot.config.space import SpaceSettings, parse_space
from surefoot.core.errors import ConfigError
from surefoot.core.roles import TokenEncoder
from surefoot.core.types import Document, EvalSet
from surefoot.generate.answer_settings import AnswerSettings
from surefoot.models.fetch import status
from surefoot.optimize.spaces.prompting import Wordings, prompt_axes, prompt_choices, wordings

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_LOOKED_AT = 500
_SOME = 0.1
"""Share of the documents from which a property of theirs is worth a choice."""
_MOST = 0.5
_SIZES = (128, 256, 480)
_ASKING = ("?", "？")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the workspace has: shares are of the documents looked at, 0 to 1.

    `long` have more than one chunk, `lists` are lists of questions, `encoders` lie in the cache beside the present.
    `chat` is the chat model that is given, empty where none is; `across` says that questions are asked in a language
    that the documents are not in.
    """

    chinese: bool
    long: float
    titled: float
    lists: float
    metadata: bool
    tokens: bool
    encoders: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    wordings: Wordings = field(default_factory=Wordings)
    chat: str = ""
    across: bool = False


def default_space(space: Workspace, evalset: EvalSet) -> SpaceSettings:
    """Searches, views, reranking, hops, filters, and chunks, scripts and encoders where that may matter.

    Where a chat model answers, also its prompts, thoughts and examples: only those where nothing is searched. Where
    one is given, also that it says the question otherwise first.

    Raises:
        ConfigError: no stage searches and no chat model answers, so that nothing is known to be worth trying.
    """
    if space.solution.corpus is None:
        return parse_space(space_around_chat(space.solution, wordings(space)))
    return parse_space(space_around(space.solution, look(space, evalset)))


def look(space: Workspace, evalset: EvalSet) -> Facts:
    """What the documents and questions are like, by the first few hundred documents."""
    index = space.resources.index()
    documents = list(islice(index.documents(), _LOOKED_AT))
    whole = max(1, len(documents))
    chunks = {state.id: state.chunks for state in index.states()}
    written = {str(one.lang) for one in documents} - {"other"}
    asked = {str(one.lang) for one in evalset.cases} - {"other"}
    langs = written | asked
    chinese = "zh" in langs
    return Facts(
        chinese=chinese,
        long=sum(chunks.get(one.id, 1) > 1 for one in documents) / whole,
        titled=sum(bool(one.title) for one in documents) / whole,
        lists=sum(_lists_questions(one) for one in documents) / whole,
        metadata=bool(index.keys()),
        tokens=isinstance(space.resources.encoder(), TokenEncoder),
        encoders=tuple(_other_encoders(space, langs)),
        endpoints=tuple(space.solution.endpoints),
        wordings=wordings(space),
        chat=given_chat(space.solution),
        across=bool(written and asked - written),
    )


def space_around(base: Solution, facts: Facts) -> dict[str, Any]:
    """The space as plain settings, as a space file has them.

    Raises:
        ConfigError: no stage searches.
    """
    kinds = [stage.kind for stage in base.stages]
    if "search" not in kinds:
        raise ConfigError(
            "no stage searches, so nothing is known to be worth trying",
            where=base.name,
            hint="say with --space what is to be tried",
        )
    return {
        "schema": 1,
        "stages": list(_places(kinds, facts)),
        "axes": [
            {"name": "sides", "options": _SIDES},
            {"name": "depth", "options": _DEPTHS, "when": {"sides": ["both"]}},
            {"name": "views", "options": _views(base, facts), "when": _BY_VECTOR},
            *_documents(base, facts),
            *prompt_axes(base, facts.wordings),
        ],
        "choices": {
            "stages.search.fusion": {"values": ["minmax", "zscore", "rrf"], "when": _BOTH},
            "stages.search.weight": {"values": [0.4, 0.6, 0.8], "when": _BOTH},
            **_cutting(base, facts),
            **prompt_choices(base, facts.wordings),
        },
    }


def space_around_chat(base: Solution, told: Wordings) -> dict[str, Any]:
    """The space of a solution without documents, as plain settings.

    Raises:
        ConfigError: no chat model answers.
    """
    choices = prompt_choices(base, told)
    if not choices:
        raise ConfigError(
            "no chat model answers, so nothing is known to be worth trying",
            where=base.name,
            hint="say with --space what is to be tried",
        )
    return {"schema": 1, "axes": list(prompt_axes(base, told)), "choices": choices}


_BOTH: Mapping[str, Any] = {"sides": ["both"]}
_BY_VECTOR: Mapping[str, Any] = {"sides": ["both", "vector"]}
_SIDES: Mapping[str, Any] = {
    "both": {"stages.search.keyword": 30, "stages.search.vector": 30},
    "keyword": {"stages.search.keyword": 30, "stages.search.vector": 0},
    "vector": {"stages.search.keyword": 0, "stages.search.vector": 30},
}
_DEPTHS: Mapping[str, Any] = {
    str(depth): {"stages.search.keyword": depth, "stages.search.vector": depth}
    for depth in (30, 15, 100)
}


def _places(kinds: list[str], facts: Facts) -> Iterator[dict[str, Any]]:
    """Places for stages; one whose kind the base has already stands in its stead."""
    reranking: dict[str, Any] = {
        "none": [],
        "features": {"kind": "rerank", "by": {"kind": "features"}, "depth": 10},
    }
    if facts.tokens:
        reranking["late"] = {"kind": "rerank", "by": {"kind": "late-interaction"}, "depth": 10}
    yield {"name": "rerank", **_anchor("rerank", kinds, "search"), "options": reranking}
    if facts.chat:
        yield _question(kinds, facts)
    if facts.metadata:
        options: dict[str, Any] = {"none": [], "infer": {"kind": "infer-filters"}}
        where = {"instead": "infer-filters"} if "infer-filters" in kinds else {"before": "search"}
        yield {"name": "filter", **where, "options": options}
        options = {"none": [], "prefer": {"kind": "prefer-inferred"}}
        yield {
            "name": "prefer",
            **_anchor("prefer-inferred", kinds, "rerank"),
            "options": options,
        }
    if facts.titled >= _MOST:
        after = "prefer" if facts.metadata else "rerank"
        options = {
            "none": [],
            "titles": {"kind": "iterate", "searches": 0},
            "names": {"kind": "iterate"},
            "graph": {"kind": "graph"},
        }
        yield {"name": "follow", **_anchor("iterate", kinds, after), "options": options}
    if facts.endpoints and "quote" in kinds:
        answers = {
            f"answer with {name}": {"kind": "answer", "model": f"http:{name}"}
            for name in facts.endpoints
        }
        yield {"name": "answer", "instead": "quote", "options": answers}


def _question(kinds: list[str], facts: Facts) -> dict[str, Any]:
    """What a chat model may make of the question before the search: each costs a call or more a question."""
    told = ("multi-query", "step-back", "hyde", *(("translate",) if facts.across else ()))
    present = next((kind for kind in kinds if kind in told), "")
    where = {"instead": present} if present else {"before": "search"}
    options = {kind: {"kind": kind, "model": facts.chat} for kind in told}
    return {"name": "question", **where, "options": {"none": [], **options}}


def given_chat(base: Solution) -> str:
    """The model of the stage that answers, else the first endpoint; empty where the solution names neither."""
    answering = (stage.model for stage in base.stages if isinstance(stage, AnswerSettings))
    return next(answering, next((f"http:{name}" for name in base.endpoints), ""))


def _anchor(kind: str, kinds: list[str], after: str) -> dict[str, str]:
    return {"instead": kind} if kind in kinds else {"after": after}


def _views(base: Solution, facts: Facts) -> dict[str, Any]:
    """Other texts by which passages are found; what the base gains by a view of its own goes with that view."""
    gains = any(getattr(stage, "view_gain", None) for stage in base.stages)
    ungained: dict[str, Any] = {"stages.search.view_gain": {}} if gains else {}
    options: dict[str, Any] = {
        "none": {"corpus.views": [], "stages.search.views": {}, **ungained},
        "sentences": {
            "corpus.views": [{"kind": "sentences"}],
            "stages.search.views": {"sentences": 0.3},
            **ungained,
        },
    }
    if facts.lists >= _SOME:
        options["questions"] = {
            "corpus.views": [{"kind": "questions"}],
            "stages.search.views": {"questions": 0.4},
            **ungained,
        }
    return options


def _documents(base: Solution, facts: Facts) -> Iterator[dict[str, Any]]:
    """Choices that need an index of their own."""
    if facts.titled >= _MOST:
        kept: dict[str, Any] = {"kept": {"corpus.graph": {}}}
        yield {"name": "named", "options": kept, "when": {"follow": ["graph"]}}
    if facts.chinese:
        options: dict[str, Any] = {
            "apart": {"corpus.fold_han": False},
            "folded": {"corpus.fold_han": True},
        }
        yield {"name": "scripts", "options": options}
    if facts.encoders and base.corpus is not None:
        present: dict[str, Any] = {"present": {}}
        others = {
            name: {"corpus.embed": {"kind": "local", "model": name}} for name in facts.encoders
        }
        yield {"name": "encoder", "options": {**present, **others}}


def _cutting(base: Solution, facts: Facts) -> dict[str, Any]:
    """Sizes of chunks, where documents are longer than one."""
    if facts.long < _SOME or base.corpus is None:
        return {}
    if "max_tokens" not in type(base.corpus.chunk).model_fields:
        return {}
    return {"corpus.chunk.max_tokens": list(_SIZES)}


def _lists_questions(document: Document) -> bool:
    lines = [line for line in document.text.splitlines() if line.strip()]
    asking = sum(line.rstrip().endswith(_ASKING) for line in lines)
    return asking >= max(2, len(lines) * _MOST / 2)


def _other_encoders(space: Workspace, langs: set[str]) -> Iterator[str]:
    """Encoders of the catalog that lie in the cache, read the languages, and are not the present one."""
    corpus = space.solution.corpus
    present = getattr(corpus.embed, "model", "") if corpus is not None else ""
    env = space.resources.env
    for card in load_catalog().cards.values():
        fits = card.role == "embedding" and card.alias != present and _reads(card, langs)
        if fits and status(card, env) == "ready":
            yield card.alias


def _reads(card: ModelCard, langs: set[str]) -> bool:
    return "multilingual" in card.languages or langs - {"other"} <= set(card.languages)
