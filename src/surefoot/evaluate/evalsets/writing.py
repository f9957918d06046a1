"""Writes an eval set to a JSONL file: whole or not at all, and never over another one by mistake."""

from __future__ import annotations

import json
import os
from pathlib import Path

from surefoot.core.errors import ConfigError, SurefootError
from surefoot.core.types import EvalSet
from surefoot.evaluate.evalsets.format import case_to_row, evalset_digest, header_to_row
from surefoot.evaluate.evalsets.reading import load_evalset


def write_evalset(evalset: EvalSet, path: Path, *, overwrite: bool = False) -> EvalSet:
    """Writes header and cases, and returns the set as it was written.

    A file that is there is replaced where it holds the same questions, or the version before this one (its
    `parent`), any other only with `overwrite`.

    Raises:
        ConfigError: there is another set at `path`; or a case contradicts itself.
    """
    made = evalset_digest(evalset.cases, evalset.task)
    if made != evalset.digest:
        raise ConfigError(
            f"the digest is {evalset.digest}, its questions have {made}",
            where=evalset.name,
            hint="make_evalset or revised gives a set its digest",
        )
    lines = evalset_lines(evalset)
    if not overwrite:
        _check_former(evalset, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return evalset


def evalset_lines(evalset: EvalSet) -> list[str]:
    """Header and cases as lines of JSON, as `load_evalset` reads them.

    Raises:
        ConfigError: a case contradicts itself.
    """
    header = json.dumps(header_to_row(evalset), ensure_ascii=False)
    return [header, *(json.dumps(case_to_row(case), ensure_ascii=False) for case in evalset.cases)]


def _check_former(evalset: EvalSet, path: Path) -> None:
    if not path.exists():
        return
    hint = "choose another name, or remove the file first"
    if not path.is_file():
        raise ConfigError("there is a folder of this name", where=str(path), hint=hint)
    try:
        former = load_evalset(path)
    except SurefootError as problem:
        raise ConfigError(
            "there is a file that is no eval set", where=str(path), hint=hint
        ) from problem
    follows = former.digest == evalset.parent and former.version + 1 == evalset.version
    if former.digest != evalset.digest and not follows:
        raise ConfigError(
            f"there is another eval set (version {former.version}, digest {former.digest})",
            where=str(path),
            hint=hint,
        )
