"""One record to rows: alpaca, sharegpt, messages, prompt and completion, query with positive and negatives, tables.

A record is told apart by its fields. What cannot become a row raises `NotARow` with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from surefoot.core.lang import detect
from surefoot.core.types import Lang
from surefoot.tune.reading.columns import Fields, said
from surefoot.tune.reading.conversations import Said, exchanges, messages_of
from surefoot.tune.rows import ChatRow, ChatTurn, Origin, PairRow, RowSplit

_SPLITS: Final[Mapping[str, RowSplit]] = {
    "train": "train",
    **dict.fromkeys(("dev", "valid", "validation", "val", "eval"), "dev"),
}


_HELD: Final = ("test", "holdout", "heldout")


class NotARow(Exception):
    """A record that no row can be made of; `reason` counts together, `detail` tells this one."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands, and what its rows are called."""

    where: str
    id: str


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a record. `unused` are fields that no row has; `quotes` name the passage that answers."""

    format: str
    rows: tuple[ChatRow, ...] | tuple[PairRow, ...]
    unused: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


def made_of(record: Mapping[str, Any], place: Place) -> Made:
    """The rows of a record.

    Raises:
        NotARow: it is of no known format, or something in it is missing or empty.
    """
    fields = Fields(record)
    name, read = _format(fields, record)
    given = fields.said("id")
    rows = read(fields, record, Place(place.where, given or place.id))
    quotes = fields.texts("quote") if name in ("table", "prompt/completion") else ()
    return Made(name, rows, tuple(fields.unused()), quotes)


Rows = tuple[ChatRow, ...] | tuple[PairRow, ...]
_Read = Callable[[Fields, Mapping[str, Any], Place], Rows]


def _format(fields: Fields, record: Mapping[str, Any]) -> tuple[str, _Read]:
    """The name of the format, and what reads it."""
    known: tuple[tuple[str, bool, _Read], ...] = (
        ("messages", "messages" in record, _conversation),
        ("sharegpt", bool({"conversations", "conversation"} & record.keys()), _conversation),
        ("pairs", fields.has("positive") and fields.has("query"), _pairs),
        ("preferences", {"chosen", "rejected"} <= record.keys(), _preferences),
        ("alpaca", fields.has("instruction") and fields.has("answer"), _alpaca),
        ("prompt/completion", {"prompt", "completion"} <= record.keys(), _completion),
        ("table", fields.has("question") and fields.has("answer"), _question),
    )
    for name, fits, read in known:
        if fits:
            return name, read
    names = ", ".join(str(name) for name in record) or "none"
    raise NotARow("of no known format", f"its fields: {names}")


def _conversation(fields: Fields, record: Mapping[str, Any], place: Place) -> Rows:
    """A row for each reply that is learnt: the conversation before it, and the reply."""
    key = next(name for name in ("messages", "conversations", "conversation") if name in record)
    fields.used |= {key, "tools", "system"} & record.keys()
    turns = messages_of(record[key], NotARow)
    lead = "\n\n".join(text for text in (said(record.get("system")), _tools(record)) if text)
    rows = []
    for number, (before, reply) in enumerate(exchanges(turns, lead, NotARow), start=1):
        name = place.id if number == 1 else f"{place.id}#{number}"
        rows.append(_chat_row(fields, Place(place.where, name), before, reply, cluster=place.id))
    if not rows:
        raise NotARow("no reply of the assistant to learn")
    return tuple(rows)


def _tools(record: Mapping[str, Any]) -> str:
    told = said(record.get("tools"))
    return "" if told.strip() in ("", "[]", "{}") else told


def _alpaca(fields: Fields, _record: Mapping[str, Any], place: Place) -> Rows:
    parts = (fields.said("instruction"), fields.said("input"))
    return _asked(fields, place, "\n\n".join(part for part in parts if part.strip()))


def _completion(fields: Fields, record: Mapping[str, Any], place: Place) -> Rows:
    """Texts, or lists of messages as trl writes them."""
    prompt, completion = record["prompt"], record["completion"]
    if isinstance(prompt, str):
        fields.used |= {"prompt", "completion"}
        return _asked(fields, place, prompt, said(completion))
    fields.used |= {"prompt", "completion"}
    before = messages_of(prompt, NotARow)
    if isinstance(completion, list):
        *more, last = messages_of(completion, NotARow)
        before, completion = [*before, *more], last.content
    return (_chat_row(fields, place, before, said(completion)),)


def _question(fields: Fields, _record: Mapping[str, Any], place: Place) -> Rows:
    return _asked(fields, place, fields.said("question"))


def _asked(fields: Fields, place: Place, question: str, answer: str | None = None) -> Rows:
    before = [Said(role, text) for role, text in _earlier(fields)]
    if not question.strip():
        raise NotARow("the question is empty")
    reply = fields.said("answer") if answer is None else answer
    return (_chat_row(fields, place, [*before, Said("user", question)], reply),)


def _earlier(fields: Fields) -> Iterator[tuple[Any, str]]:
    system = fields.said("system")
    if system.strip():
        yield "system", system
    for turn in fields.value("history") or ():
        if not isinstance(turn, list | tuple) or len(turn) != 2:
            raise NotARow("history is no list of questions with their answers")
        yield "user", said(turn[0])
        yield "assistant", said(turn[1])


def _preferences(_fields: Fields, _record: Mapping[str, Any], _place: Place) -> Rows:
    raise NotARow("a choice between two replies: not what these tuners learn from")


def _pairs(fields: Fields, _record: Mapping[str, Any], place: Place) -> Rows:
    query = fields.said("query")
    positives = [text for text in fields.texts("positive") if text.strip()]
    if not query.strip() or not positives:
        raise NotARow("the query is empty" if positives else "the positive passage is empty")
    negatives = tuple(text for text in fields.negatives() if text.strip())
    right, wrong = fields.numbers("positive_scores"), fields.numbers("negative_scores")
    scored = len(right) == len(positives) and len(wrong) == len(negatives)
    return tuple(
        PairRow(
            id=place.id if number == 0 else f"{place.id}#{number + 1}",
            query=query,
            positive=positive,
            negatives=negatives,
            scores=(right[number], *wrong) if scored else (),
            lang=_lang(fields, query),
            split=_split(fields),
            origin=_origin(fields, place, place.id if len(positives) > 1 else ""),
        )
        for number, positive in enumerate(positives)
    )


def _chat_row(
    fields: Fields, place: Place, before: Sequence[Said], reply: str, *, cluster: str = ""
) -> ChatRow:
    if not reply.strip():
        raise NotARow("the answer is empty")
    if not any(turn.role == "user" and turn.content.strip() for turn in before):
        raise NotARow("the question is empty")
    return ChatRow(
        id=place.id,
        prompt=tuple(ChatTurn(role=turn.role, content=turn.content) for turn in before),
        completion=reply,
        lang=_lang(fields, next(t.content for t in reversed(before) if t.role == "user")),
        split=_split(fields),
        origin=_origin(fields, place, cluster),
    )


def _lang(fields: Fields, text: str) -> Lang:
    given = fields.said("lang")[:2].lower()
    return given if given in ("en", "zh") else detect(text)  # type: ignore[return-value]


def _split(fields: Fields) -> RowSplit:
    given = fields.said("split").strip().lower()
    if given in _HELD:
        raise NotARow(f"its split is {given}: it is there to be tested on")
    return _SPLITS.get(given, "train")


def _origin(fields: Fields, place: Place, cluster: str) -> Origin:
    return Origin(source=place.where, document=fields.said("document"), cluster=cluster)
