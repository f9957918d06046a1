"""The experiments of `chat_effects.py`: cases, the ways of asking and how each is scored."""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kept_chat import Keeping

from surefoot.core.roles import Call, Parts
from surefoot.core.types import Answer, Chunk, Hit, Lang, Query, Turn
from surefoot.evaluate.metrics import chrf, contains_gold, gold_coverage, rouge_l
from surefoot.evaluate.metrics.forms import slot_f1, slots
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.generate.tasks.extract import Extract, ExtractSettings
from surefoot.generate.tasks.keeping import lost
from surefoot.generate.tasks.summarise import Summarise, SummariseSettings
from surefoot.generate.tasks.translate_text import TranslateSettings, TranslateText
from surefoot.run.build import Resources

DATA = Path(os.environ.get("SUREFOOT_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
SEED = 0
LONG = {"max_tokens": 120, "guard": False, "passages": 20}
ROOM = 500  # tokens of passages that a prompt may hold where the context is to be too long for one
SHORT = {"en": 500, "zh": 200}  # characters of a paragraph to translate at most


@dataclass(frozen=True)
class Desk:
    """A workspace with its kept model."""

    folder: Path
    model: str
    chat: Keeping
    parts: Parts
    resources: Resources


@dataclass(frozen=True)
class Case:
    """What is given, and what is right. `schema` is a JSON Schema, `chunks` what there is to read."""

    id: str
    text: str
    lang: Lang
    gold: tuple[str, ...]
    schema: Mapping[str, Any] | None = None
    chunks: tuple[Chunk, ...] = ()


Arm = Callable[[Desk, Case], Answer]
Metric = Callable[[Answer, Case], float]


@dataclass(frozen=True)
class Experiment:
    """Cases, ways of asking (the first is what the others are compared with) and scores."""

    cases: Callable[[Desk, int], Sequence[Case]]
    arms: Mapping[str, Arm]
    metrics: Mapping[str, Metric]
    source: Path | None = None


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def gold_of(folder: Path) -> dict[str, str]:
    """The first relevant document of each question."""
    found: dict[str, str] = {}
    for line in (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, score = line.split("\t")
        if float(score) > 0:
            found.setdefault(query, document)
    return found


def drawn(cases: Sequence[Case], n: int) -> list[Case]:
    """So many in a random order."""
    return random.Random(SEED).sample(list(cases), min(n, len(cases)))


def said(after: Turn) -> Answer:
    assert after.answer is not None
    return after.answer


# Answers over long contexts.


def articles(lang: Lang) -> Callable[[Desk, int], Sequence[Case]]:
    """One question about each article of xquad; to be read are the article's five paragraphs as they stand in it."""

    def cases(desk: Desk, n: int) -> Sequence[Case]:
        folder = DATA / f"xquad-{lang}"
        title = {row["_id"]: row["title"] for row in rows(folder / "corpus.jsonl")}
        index = desk.resources.index()
        read: dict[str, list[Chunk]] = defaultdict(list)
        for document in title:
            read[title[document]] += index.chunks(document)
        answers = {row["_id"]: tuple(row["answers"]) for row in rows(folder / "answers.jsonl")}
        relevant = gold_of(folder)
        asked: dict[str, list[Case]] = defaultdict(list)
        for row in rows(folder / "queries.jsonl"):
            about = title[relevant[row["_id"]]]
            chunks = tuple(read[about])
            asked[about].append(
                Case(row["_id"], row["text"], lang, answers[row["_id"]], chunks=chunks)
            )
        draw = random.Random(SEED)
        return drawn([draw.choice(asked[about]) for about in sorted(asked)], n)

    return cases


def over(way: str, room: int = ROOM) -> Arm:
    """The stage `answer` over the given passages, in their order."""

    def arm(desk: Desk, case: Case) -> Answer:
        settings = AnswerSettings(model=desk.model, over=way, context_tokens=room, **LONG)
        hits = tuple(Hit(chunk, 1 / n, "given") for n, chunk in enumerate(case.chunks, 1))
        stage = AnswerStage(settings, desk.parts)
        return said(stage(Turn(Query(case.text, case.lang), hits), Call()))

    return arm


def holds_gold(answer: Answer, case: Case) -> float:
    """Whether the answer has the gold answer in it; a refusal never has."""
    return 0.0 if answer.refused else contains_gold(answer.text, case.gold, case.lang)


def supported(answer: Answer, case: Case) -> float:
    """1 where no sentence is marked as unsupported."""
    del case
    return float(not answer.refused and not answer.unsupported)


def long_context(lang: Lang) -> Experiment:
    arms = {
        "plain": over("stuff"),
        "map-reduce": over("map-reduce"),
        "refine": over("refine"),
        "plain, room for all": over("stuff", 3000),
    }
    return Experiment(
        articles(lang), arms, {"right": holds_gold, "supported": supported}, DATA / f"xquad-{lang}"
    )


# Fields out of texts.

TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
RESTAURANT = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("name", "eatType", "food", "priceRange", "rating", "near"), TEXT),
        "area": {"enum": ["riverside", "city centre", None]},
        "familyFriendly": {"enum": ["yes", "no", None]},
    },
}
WANTED = {
    "en": "Take the fields out of this text.\n\n{}",
    "zh": "从下面的文字中取出各个字段。\n\n{}",
}


def restaurants(desk: Desk, n: int) -> Sequence[Case]:
    """Sentences on restaurants, with the facts in them by name."""
    del desk
    found = [
        Case(
            row["_id"],
            row["input"],
            "en",
            (json.dumps(dict(slots(row["output"])), ensure_ascii=False),),
            RESTAURANT,
        )
        for row in rows(DATA / "ft-e2e-format" / "valid.jsonl")
    ]
    return drawn(found, n)


def requests(lang: Lang) -> Callable[[Desk, int], Sequence[Case]]:
    """Requests whose first reply is a call of a function; its parameters are the fields."""

    def cases(desk: Desk, n: int) -> Sequence[Case]:
        found = []
        for row in rows(DATA / f"ft-toolcall-{lang}" / "train.jsonl"):
            request, reply = row["conversations"][:2]
            if request["from"] != "human" or reply["from"] != "function_call":
                continue
            call = json.loads(reply["value"])
            tools = {tool["name"]: tool["parameters"] for tool in json.loads(row["tools"])}
            if tools.get(call["name"], {}).get("properties"):
                gold = json.dumps(call["arguments"], ensure_ascii=False)
                found.append(Case(row["_id"], request["value"], lang, (gold,), tools[call["name"]]))
        return drawn(found, n)

    return cases


def schema_file(desk: Desk, case: Case) -> str:
    name = f"{case.id}.schema.json"
    (desk.folder / name).write_text(json.dumps(case.schema, ensure_ascii=False), encoding="utf-8")
    return name


def worded(desk: Desk, case: Case, prompt: str, **values: str) -> Answer:
    """A prompt asked as it is; the reply is the answer."""
    question = desk.parts.prompt(prompt, case.lang).fill(values) if prompt else values["question"]
    settings = AnswerSettings(
        model=desk.model, passages=0, plain="ask", reply="plain", max_tokens=600
    )
    return said(AnswerStage(settings, desk.parts)(Turn(Query(question, case.lang)), Call()))


def in_words(desk: Desk, case: Case) -> Answer:
    """JSON asked for in the words of the structured answer, without anything that sees to it."""
    schema = json.dumps(case.schema, ensure_ascii=False)
    question = WANTED[case.lang].format(case.text)
    return worded(desk, case, "answer/structured-plain", schema=schema, question=question)


def by_schema(desk: Desk, case: Case) -> Answer:
    """The structured answer."""
    settings = AnswerSettings(
        model=desk.model, passages=0, schema_=schema_file(desk, case), max_tokens=600
    )
    question = WANTED[case.lang].format(case.text)
    return said(AnswerStage(settings, desk.parts)(Turn(Query(question, case.lang)), Call()))


def extracted(not_found: str) -> Arm:
    """The task `extract`."""

    def arm(desk: Desk, case: Case) -> Answer:
        settings = ExtractSettings(
            model=desk.model, schema_=schema_file(desk, case), not_found=not_found
        )
        stage = Extract(settings, desk.parts)
        return said(stage(Turn(Query(case.text, case.lang)), Call()))

    return arm


def filled(text: str) -> str:
    """A JSON object without what is null or empty, which says nothing of a field; another text as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return json.dumps(_without_nothing(value), ensure_ascii=False)


def _without_nothing(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_nothing(v) for k, v in value.items() if v not in (None, "", [])}
    return [_without_nothing(v) for v in value] if isinstance(value, list) else value


def fields(answer: Answer, case: Case) -> float:
    """Slot F1 of the fields that have a value."""
    return 0.0 if answer.refused else slot_f1(filled(answer.text), case.gold)


def made_up(answer: Answer, case: Case) -> float:
    """The share of the values given that gold does not have."""
    given = [] if answer.refused else slots(filled(answer.text))
    gold = slots(case.gold[0])
    return sum(slot not in gold for slot in given) / len(given) if given else 0.0


def valid(answer: Answer, case: Case) -> float:
    """Whether the whole answer is JSON that fits the schema, null allowed in each field."""
    from jsonschema import Draft202012Validator

    try:
        value = json.loads(answer.text)
    except ValueError:
        return 0.0
    if answer.refused or not isinstance(value, dict):
        return 0.0
    value = {name: inner for name, inner in value.items() if inner is not None}
    known = {**(case.schema or {}), "required": []}
    return float(Draft202012Validator(known).is_valid(value))


FIELDS = {
    "in words": in_words,
    "schema": by_schema,
    "extract": extracted("drop"),
    "extract, mark": extracted("mark"),
}
FIELD_METRICS = {"slot F1": fields, "values not in gold": made_up, "valid": valid}


# Summaries.


def abstracts(desk: Desk, n: int) -> Sequence[Case]:
    """Abstracts on medicine without their conclusions, which are gold."""
    del desk
    folder = DATA / "pubmedqa-a"
    texts = {row["_id"]: row["text"] for row in rows(folder / "corpus.jsonl")}
    relevant = gold_of(folder)
    found = [
        Case(row["_id"], texts[relevant[row["_id"]]], "en", (row["long_answer"],))
        for row in rows(folder / "answers.jsonl")
        if row.get("long_answer") and row["_id"] in relevant
    ]
    return drawn(found, n)


def papers(desk: Desk, n: int) -> Sequence[Case]:
    """Chinese abstracts, whose titles are gold."""
    del desk
    folder = DATA / "csl-zh-a"
    texts = {row["_id"]: row["text"] for row in rows(folder / "corpus.jsonl")}
    relevant = gold_of(folder)
    found = [
        Case(row["_id"], texts[relevant[row["_id"]]], "zh", (row["text"],))
        for row in rows(folder / "queries.jsonl")
        if row["metadata"]["type"] == "title"
    ]
    return drawn(found, n)


def summed_up(method: str, sentences: int) -> Arm:
    """The task `summarise`."""

    def arm(desk: Desk, case: Case) -> Answer:
        settings = SummariseSettings(model=desk.model, method=method, sentences=sentences)
        stage = Summarise(settings, desk.parts)
        return said(stage(Turn(Query(case.text, case.lang)), Call()))

    return arm


def likeness(answer: Answer, case: Case) -> float:
    return 0.0 if answer.refused else rouge_l(answer.text, case.gold, case.lang)


def coverage(answer: Answer, case: Case) -> float:
    return 0.0 if answer.refused else gold_coverage(answer.text, case.gold, case.lang)


def summaries(cases: Callable[[Desk, int], Sequence[Case]], sentences: int) -> Experiment:
    arms = {"lead": summed_up("lead", sentences), "model": summed_up("model", sentences)}
    return Experiment(
        cases, arms, {"ROUGE-L": likeness, "coverage": coverage, "supported": supported}
    )


# Translations.


def paragraphs(lang: Lang) -> Callable[[Desk, int], Sequence[Case]]:
    """Short paragraphs of xquad in one language, with the same in the other: a question names the paragraph in both."""
    other: Lang = "en" if lang == "zh" else "zh"

    def cases(desk: Desk, n: int) -> Sequence[Case]:
        del desk
        text, relevant = {}, {}
        for side in (lang, other):
            folder = DATA / f"xquad-{side}"
            text[side] = {row["_id"]: row["text"] for row in rows(folder / "corpus.jsonl")}
            relevant[side] = gold_of(folder)
        pairs = {mine: relevant[other][query] for query, mine in relevant[lang].items()}
        found = [
            Case(mine, text[lang][mine], lang, (text[other][theirs],))
            for mine, theirs in pairs.items()
            if len(text[lang][mine]) <= SHORT[lang]
        ]
        return drawn(found, n)

    return cases


TRANSLATE = {
    "en": "Translate the text into Chinese. Reply with the translation alone.\n\n{}",
    "zh": "Translate the text into English. Reply with the translation alone.\n\n{}",
}


def asked_to_translate(desk: Desk, case: Case) -> Answer:
    """The plain way: one request in words, nothing checked."""
    return worded(desk, case, "", question=TRANSLATE[case.lang].format(case.text))


def translated(desk: Desk, case: Case) -> Answer:
    """The task `translate-text`."""
    stage = TranslateText(TranslateSettings(model=desk.model), desk.parts)
    return said(stage(Turn(Query(case.text, case.lang)), Call()))


def likeness_of_characters(answer: Answer, case: Case) -> float:
    return 0.0 if answer.refused else chrf(answer.text, case.gold)


def nothing_lost(answer: Answer, case: Case) -> float:
    """1 where all numbers, dates and marks of the text are in the translation, and no others."""
    return float(not answer.refused and not lost(case.text, answer.text))


def translations(lang: Lang) -> Experiment:
    arms = {"in words": asked_to_translate, "task": translated}
    return Experiment(
        paragraphs(lang), arms, {"chrF": likeness_of_characters, "nothing lost": nothing_lost}
    )


EXPERIMENTS: Mapping[str, Experiment] = {
    "long-en": long_context("en"),
    "long-zh": long_context("zh"),
    "extract-en": Experiment(restaurants, FIELDS, FIELD_METRICS),
    "extract-zh": Experiment(requests("zh"), FIELDS, FIELD_METRICS),
    "summarise-en": summaries(abstracts, 2),
    "summarise-zh": summaries(papers, 1),
    "translate-zh-en": translations("zh"),
    "translate-en-zh": translations("en"),
}
