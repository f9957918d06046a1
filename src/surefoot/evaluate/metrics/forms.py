"""Whether an answer has the form that was asked for, and the values in it that gold has. No model is asked."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from surefoot.core.errors import ConfigError
from surefoot.core.lang import fold, normalise_answer
from surefoot.core.types import EvalCase, Lang
from surefoot.evaluate.metrics.answers import exact_match, plain_answer

_FENCE = re.compile(r"^\s*```\w*\n(.*?)\n?```\s*$", re.DOTALL)
_SLOT = re.compile(r"([^\[\],，、;；\n]+)\[([^\[\]]*)\]")
_LINE = re.compile(r"^\s*[-*]?\s*([^:：\n]{1,60})[:：]\s*(.+?)\s*$", re.MULTILINE)

_PAIR = r"[^\[\],，、;；\n]+\[[^\[\]]*\]"
_BRACKETS = re.compile(rf"{_PAIR}(?:\s*[,，、;；]\s*{_PAIR})*")

Slot = tuple[str, str]


def asks_form(case: EvalCase) -> bool:
    """Whether the case's `meta` says what form an answer has: `schema` (JSON Schema) or `pattern` (of the whole)."""
    return "schema" in case.meta or "pattern" in case.meta


def format_valid(text: str, case: EvalCase) -> float:
    """1 where the whole answer is JSON that fits the schema, or matches the pattern; a fence around it does not.

    Raises:
        ConfigError: the case's schema or pattern cannot be read.
    """
    said = text.strip()
    if "pattern" in case.meta:
        return float(_pattern(case).fullmatch(said) is not None)
    value = _parsed(said)
    return float(value is not None and _fits(value[0], case))


def check_form(case: EvalCase) -> None:
    """Refuses a schema or pattern that cannot be used, before anything is asked.

    Raises:
        ConfigError: it cannot be read, or refers to a schema elsewhere.
    """
    if "pattern" in case.meta:
        _pattern(case)
    elif "schema" in case.meta:
        _fits({}, case)


def slot_f1(text: str, gold: Sequence[str]) -> float:
    """The best F1 of the name-value pairs over the gold answers.

    Pairs are read from JSON (nested names joined with dots), from `name[value], ...` and from lines `name: value`,
    folded to lower case and half-width; a fence around them is forgiven, for `format_valid` counts it.
    """
    said = Counter(slots(text))
    return max((_pair_f1(said, Counter(slots(answer))) for answer in gold), default=0.0)


def has_slots(gold: Sequence[str]) -> bool:
    """Whether a gold answer holds name-value pairs."""
    return any(slots(answer) for answer in gold)


def slots(text: str) -> list[Slot]:
    """The name-value pairs of a text; empty where it has none of the forms."""
    fenced = _FENCE.match(text)
    inner = (fenced.group(1) if fenced else text).strip()
    value = _parsed(inner)
    if value is not None and isinstance(value[0], Mapping | list):
        return [(fold(name), fold(said)) for name, said in _flat("", value[0])]
    found = _SLOT.findall(inner) or _LINE.findall(inner)
    return [(fold(name), fold(said)) for name, said in found if name.strip()]


def equal_form(text: str, gold: Sequence[str], lang: Lang) -> float:
    """1 where the answer equals a gold answer after SQuAD's normalising; nothing in brackets is taken for a mark."""
    said = normalise_answer(text, lang)
    same = any(said == normalise_answer(answer, lang) for answer in gold)
    return float(same) or exact_match(text, gold, lang)


def written_alike(text: str, gold: Sequence[str]) -> float:
    """1 where the whole text is name-value pairs written as in a gold answer: JSON, brackets or lines.

    No name comes twice, unless in gold too. Which names there are is counted by `slot_f1`.
    """
    names = Counter(name for name, _ in slots(text))
    for answer in gold:
        allowed = Counter(name for name, _ in slots(answer))
        repeated = any(count > max(1, allowed[name]) for name, count in names.items())
        if names and not repeated and _notation(text) == _notation(answer) != "":
            return 1.0
    return 0.0


def _notation(text: str) -> str:
    """How the whole of a text writes its pairs; empty where it is anything else besides."""
    said = text.strip()
    value = _parsed(said)
    if value is not None:
        return "json" if isinstance(value[0], Mapping | list) else ""
    if _BRACKETS.fullmatch(said):
        return "brackets"
    return "lines" if all(_LINE.fullmatch(line) for line in said.splitlines()) else ""


def _parsed(text: str) -> tuple[Any] | None:
    """The value of a JSON text, held so that null is not nothing."""
    try:
        return (json.loads(text),)
    except ValueError:
        return None


def _fits(value: Any, case: EvalCase) -> bool:
    if "schema" not in case.meta:
        return True
    from jsonschema import Draft202012Validator, SchemaError
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    schema = case.meta["schema"]
    try:
        Draft202012Validator.check_schema(schema)
        # A registry of its own, so that no reference is fetched from anywhere.
        return bool(Draft202012Validator(schema, registry=Registry()).is_valid(value))
    except (SchemaError, Unresolvable) as problem:
        raise ConfigError(
            f"the schema cannot be used: {str(problem).splitlines()[0]}",
            where=f"question {case.id}",
        ) from problem


def _pattern(case: EvalCase) -> re.Pattern[str]:
    try:
        return re.compile(str(case.meta["pattern"]), re.DOTALL)
    except re.error as problem:
        raise ConfigError(
            f"the pattern cannot be read: {problem}", where=f"question {case.id}"
        ) from problem


def _flat(name: str, value: Any) -> Iterator[Slot]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _flat(name, inner)
    else:
        yield name, value if isinstance(value, str) else json.dumps(value)


def _pair_f1(said: Counter[Slot], gold: Counter[Slot]) -> float:
    if not said or not gold:
        return 0.0
    return 2 * (said & gold).total() / (said.total() + gold.total())


def label_of(text: str, labels: Sequence[str]) -> str:
    """The one of the labels that the answer gives: equal to it, else the only one standing in it; else empty.

    A label that is part of a longer one standing there, such as `card` in `card lost`, does not count beside it.
    """
    said = _words(plain_answer(text))
    known = {_words(label): label for label in labels if _words(label).strip()}
    if said in known:
        return known[said]
    found = [words for words in known if words in said]
    longest = [w for w in found if not any(w != other and w in other for other in found)]
    return known[longest[0]] if len(longest) == 1 else ""


def _words(text: str) -> str:
    """Folded words between spaces; Han characters each count as a word."""
    spaced = re.sub(r"([\u3400-\u9fff])", r" \1 ", fold(text).replace("_", " ").replace("-", " "))
    return " " + " ".join(re.sub(r"[^\w\s]", " ", spaced).split()) + " "
