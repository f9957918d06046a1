"""Files of training rows: read line by line; what is left out is told with its place and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from surefoot.core.errors import DataError, MissingError
from surefoot.tune.left_out import LeftOut, counted
from surefoot.tune.reading.formats import Made, NotARow, Place, made_of
from surefoot.tune.reading.records import read_records
from surefoot.tune.rows import ChatRow, PairRow, TuningRow

_ROW: TypeAdapter[ChatRow | PairRow] = TypeAdapter(TuningRow)
_HINT = (
    "known: alpaca, sharegpt, messages, prompt/completion, query/positive/negatives, "
    "question/answer, and eval sets"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a row says of where its answer stands: a document, and texts out of it."""

    document: str = ""
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What files hold. `formats` counts records by format, `unused` fields that no row has.

    `evidence` is by row id; `divided` says that the file itself gives the rows their split.
    """

    rows: tuple[ChatRow | PairRow, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    formats: Mapping[str, int] = field(default_factory=dict)
    unused: Mapping[str, int] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)

    @property
    def divided(self) -> frozenset[str]:
        """The ids of all rows, where some of them are for dev; else none."""
        own = any(row.split == "dev" for row in self.rows)
        return frozenset(row.id for row in self.rows) if own else frozenset()


def utf8(data: bytes) -> str:
    """The text of UTF-8 bytes, a byte order mark taken off."""
    return data.decode("utf-8-sig")


def read_file(path: Path, *, decode: Callable[[bytes], str] = utf8) -> Reading:
    """The rows of a file; `decode` may know more encodings than UTF-8.

    Raises:
        MissingError: there is no such file.
        DataError: it is no text, of no known form, or none of its records is of a known format.
    """
    if not path.is_file():
        raise MissingError("there is no such file", where=str(path))
    try:
        text = decode(path.read_bytes())
    except UnicodeDecodeError as problem:
        raise DataError(
            f"is not UTF-8: byte {problem.start}", where=str(path), hint="save it as UTF-8"
        ) from None
    return read_text(text, str(path))


def read_text(text: str, name: str) -> Reading:
    """The rows of a file's text; `name` stands in every place and gives rows without an id theirs.

    Raises:
        DataError: it is of no known form, or none of its records is of a known format.
    """
    records = read_records(text, name)
    left_out = list(records.bad)
    made: list[Made] = []
    for where, record in records.good:
        place = Place(where, f"{Path(name).stem}:{where.rpartition(':')[2]}")
        try:
            made.append(_made(record, place))
        except NotARow as problem:
            left_out.append(LeftOut(where, problem.reason, problem.detail))
    if not made:
        first = f": {left_out[0]}" if left_out else ""
        raise DataError(f"holds no row{first}", where=name, hint=_HINT)
    rows = tuple(row for one in made for row in one.rows)
    evidence = {
        row.id: Evidence(row.origin.document, one.quotes)
        for one in made
        for row in one.rows
        if row.origin.document or one.quotes
    }
    formats = Counter(one.format for one in made)
    unused = Counter(name for one in made for name in one.unused)
    return _distinct(Reading(rows, tuple(left_out), dict(formats), dict(unused), evidence))


def join_readings(readings: Sequence[Reading]) -> Reading:
    """Several files as one; ids stay distinct."""
    rows: list[ChatRow | PairRow] = []
    evidence: dict[str, Evidence] = {}
    taken: set[str] = set()
    for reading in readings:
        renamed = _distinct(reading, taken)
        rows += renamed.rows
        evidence |= renamed.evidence
    return Reading(
        tuple(rows),
        tuple(one for reading in readings for one in reading.left_out),
        _sum(reading.formats for reading in readings),
        _sum(reading.unused for reading in readings),
        evidence,
    )


def why_not(reading: Reading) -> str:
    """Why records were left out, the commonest reason first, in words."""
    return "; ".join(f"{reason} ({n})" for reason, n in counted(reading.left_out).items())


def _made(record: Mapping[str, Any], place: Place) -> Made:
    if record.get("kind") not in ("chat", "pair"):
        return made_of(record, place)
    try:
        row = _ROW.validate_python(record)
    except ValidationError as problem:
        first = problem.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise NotARow("not a row of tuning data", f"{path}: {first['msg']}") from None
    return Made("surefoot", (row,))  # type: ignore[arg-type]


def _distinct(reading: Reading, taken: set[str] | None = None) -> Reading:
    """The reading with ids that are not taken, which are then taken too."""
    known = set() if taken is None else taken
    rows: list[ChatRow | PairRow] = []
    evidence: dict[str, Evidence] = {}
    for row in reading.rows:
        name, number = row.id, 1
        while name in known:
            number += 1
            name = f"{row.id}~{number}"
        known.add(name)
        rows.append(row if name == row.id else row.model_copy(update={"id": name}))
        if row.id in reading.evidence:
            evidence[name] = reading.evidence[row.id]
    return replace(reading, rows=tuple(rows), evidence=evidence)


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total = Counter[str]()
    for one in counts:
        total.update(one)
    return dict(total)
