"""Changes single questions of a kept eval set; what a question was before stays in its log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.core.types import Document, EvalCase, EvalSet, Task
from surefoot.evaluate.evalsets.format import REVIEW, case_to_row, make_evalset, revised
from surefoot.evaluate.evalsets.locating import locate
from surefoot.evaluate.evalsets.places import evalset_file, evalset_names
from surefoot.evaluate.evalsets.reading import load_evalset
from surefoot.evaluate.evalsets.reviewing import REJECTED
from surefoot.evaluate.evalsets.writing import write_evalset

_HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class EvalSetLine:
    """An eval set in a list; `changed_ns` is when its file was last written, in unix nanoseconds."""

    name: str
    questions: int
    changed_ns: int


def list_evalsets(root: Path) -> list[EvalSetLine]:
    """The sets of a workspace by name; their questions are counted, not read."""
    lines = []
    for name in evalset_names(root):
        path = kept_evalset(root, name)
        file = path / "queries.jsonl" if path.is_dir() else path
        lines.append(EvalSetLine(name, _count(file), file.stat().st_mtime_ns))
    return lines


def kept_evalset(root: Path, name: str) -> Path:
    """The file or BEIR folder of a set by its name in the workspace; never a path beyond it.

    Raises:
        MissingError: there is none; the hint names those that there are.
        ConfigError: it cannot be a name.
    """
    file = evalset_file(root, name)
    folder = file.with_name(file.name.removesuffix(".jsonl"))
    if not file.name.endswith(REJECTED):
        if file.is_file():
            return file
        if (folder / "queries.jsonl").is_file():
            return folder
    known = ", ".join(evalset_names(root))
    raise MissingError("there is no such eval set", where=name, hint=f"known: {known}")


def writable(path: Path) -> Path:
    """The file in which a set is changed: of a BEIR folder the one beside it, which then counts."""
    return path.with_name(f"{path.name}.jsonl") if path.is_dir() else path


def put_case(
    path: Path, case: EvalCase, log: dict[str, Any], *, task: Task = "qa", replaces: bool = True
) -> EvalSet:
    """The set with this case in the place of the one with its id, else at its end; a new set where there is no file.

    `log` (who and when) is kept with the case, beside what it was before.

    Raises:
        ConfigError: the case contradicts itself, or its id is taken and it is not to replace.
    """
    file = writable(path)
    if not path.exists():
        made = make_evalset(file.stem, [_logged(case, None, log)], task=task)
        return write_evalset(made, file)
    found = load_evalset(path)
    former = next((one for one in found.cases if one.id == case.id), None)
    if former is not None and not replaces:
        raise ConfigError(f"there is a question {case.id!r} already", where=found.name)
    case = _logged(case, former, log)
    cases = [case if one.id == case.id else one for one in found.cases]
    if former is None:
        cases.append(case)
    return write_evalset(revised(found, cases), file, overwrite=True)


def drop_case(path: Path, case_id: str) -> EvalSet:
    """The set without a case.

    Raises:
        MissingError: it has no such case.
        ConfigError: it is the last one.
    """
    found = load_evalset(path)
    kept = [one for one in found.cases if one.id != case_id]
    if len(kept) == len(found.cases):
        raise MissingError(f"there is no question {case_id!r}", where=found.name)
    return write_evalset(revised(found, kept), writable(path), overwrite=True)


def drop_evalset(path: Path) -> None:
    """Removes a set's file with what reviews rejected of it; runs keep what they hold of its questions.

    Raises:
        ConfigError: it is a folder in BEIR layout, which somebody else made.
    """
    if path.is_dir():
        raise ConfigError("a folder in BEIR layout is not removed", where=str(path.name))
    path.unlink()
    path.with_name(path.name.removesuffix(".jsonl") + REJECTED).unlink(missing_ok=True)


def placed(case: EvalCase, read: Callable[[str], Document | None]) -> EvalCase:
    """The case with its gold quotes found in the documents that `read` gives by id.

    Raises:
        DataError: a gold document is not there, or a quote is not in its document.
    """
    names = dict.fromkeys(name for name, grade in case.relevant.items() if grade > 0)
    documents = {name: read(name) for name in names}
    missing = [name for name, document in documents.items() if document is None]
    if missing:
        raise DataError("there is no such document", where=missing[0])
    texts = [document for document in documents.values() if document is not None]
    found = locate(make_evalset("one", [case]), texts)
    for remark in found.rejected:
        raise DataError(f"the quote is {remark.trouble}", where=remark.document_id)
    return found.evalset.cases[0]


def _logged(case: EvalCase, former: EvalCase | None, log: dict[str, Any]) -> EvalCase:
    entries = list(former.meta.get(REVIEW, ())) if former is not None else []
    entry = {"decision": "added" if former is None else "edited", **log}
    if former is not None:
        before = dict(_differences(former, case))
        entry |= {"before": before} if before else {}
    return replace(case, meta={**case.meta, REVIEW: [*entries, entry]})


def _differences(former: EvalCase, case: EvalCase) -> Iterator[tuple[str, Any]]:
    old, new = case_to_row(former), case_to_row(case)
    for key in dict.fromkeys((*old, *new)):
        if key != "meta" and old.get(key) != new.get(key):
            yield key, old.get(key)


def _count(file: Path) -> int:
    """The lines that hold something; a header is none of the questions."""
    count, first = 0, b""
    with file.open("rb") as lines:
        for line in lines:
            if not line.strip():
                continue
            first = first or line[:_HEAD_BYTES]
            count += 1
    return count - (b'"evalset"' in first and b'"question"' not in first)
