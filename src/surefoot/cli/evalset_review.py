"""Going through an eval set: a person accepts, edits or rejects each case."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.command import Options, command
from surefoot.cli.evalset import evalsets
from surefoot.cli.questions import EvalSetName, evalset_path
from surefoot.cli.render import print_json, safe, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import MissingError, SurefootError

if TYPE_CHECKING:
    from surefoot.core.types import EvalCase
    from surefoot.evaluate.evalsets.library import Library
    from surefoot.evaluate.evalsets.reviewing import Change, Evidence, Review

_KEYS = "[a]ccept  [e]dit  [r]eject  [s]kip  [q]uit"


@command(evalsets)
def review(
    options: Options,
    evalset: EvalSetName,
    cases: Annotated[
        str, typer.Option("--cases", metavar="ID,...", help="Only these, reviewed before or not.")
    ] = "",
    by: Annotated[
        str | None, typer.Option("--by", help="Who reviews; your user name if not given.")
    ] = None,
) -> None:
    """Go through the questions that no person has looked at: accept, edit or reject each; every step is written.

    Reads a key and Enter from stdin. Stop when you like and start again: it goes on where you were.

    Example: surefoot evalset review support --cases q17,q18
    """
    from surefoot.evaluate.evalsets.reviewing import Review

    wanted = {name.strip() for name in cases.split(",") if name.strip()}
    with _library(options) as library:
        work = Review(evalset_path(options, evalset), by or getpass.getuser(), _now, library)
        waiting = work.waiting(wanted)
        done = _go_through(work, waiting, options)
    left = len(work.waiting(wanted)) if not wanted else len(waiting) - sum(done.values())
    found = work.evalset
    if options.json:
        print_json(
            {"decided": done, "left": left, "version": found.version, "digest": found.digest}
        )
        return
    told = ", ".join(f"{n} {what}" for what, n in done.items() if n) or "nothing decided"
    typer.echo(f"{told}; {left} left; version {found.version}, digest {found.digest}")


def _go_through(work: Review, waiting: list[EvalCase], options: Options) -> dict[str, int]:
    done = {"accepted": 0, "edited": 0, "rejected": 0}
    for place, case in enumerate(waiting, start=1):
        _show(case, f"{place}/{len(waiting)}", work.evidence(case))
        while True:
            key = _ask(_KEYS)
            if key in (None, "q"):
                return done
            if key == "s":
                break
            try:
                decided = _decide(work, case.id, key or "")
            except SurefootError as problem:
                say(f"{problem}; nothing was changed")
                continue
            if decided:
                done[decided] += 1
                break
            say(f"{key!r} is none of the keys", quiet=options.quiet)
    return done


def _decide(work: Review, case_id: str, key: str) -> str:
    """What was decided; empty for a key that means nothing."""
    if key == "a":
        work.accept(case_id)
        return "accepted"
    if key == "e":
        work.edit(case_id, _changed())
        return "edited"
    if key == "r":
        work.reject(case_id)
        return "rejected"
    return ""


def _changed() -> Change:
    from surefoot.evaluate.evalsets.reviewing import Change

    question = _ask("question (Enter keeps it)")
    answers = _ask(
        "answers, | between them (Enter keeps them, - means the documents do not answer)"
    )
    quote = "" if answers == "-" else _ask("quote from the document (Enter keeps it)")
    given = () if answers == "-" else tuple((answers or "").split("|"))
    return Change(question or None, given if answers else None, quote or None)


def _show(case: EvalCase, place: str, evidence: list[Evidence]) -> None:
    """The case on stderr, so that stdout stays for what was decided."""
    typer.echo(f"\n── {place}  {safe(case.id)}  {case.lang}  {case.source}", err=True)
    typer.echo(typer.style(f"question: {safe(case.question)}", bold=True), err=True)
    for answer in case.answers:
        typer.echo(f"answer:   {safe(answer)}", err=True)
    if not case.answerable:
        typer.echo("answer:   (the documents do not answer this)", err=True)
    for one in evidence:
        mark = "" if one.found else "  NOT FOUND THERE"
        typer.echo(typer.style(f"gold in {safe(one.document_id)}{mark}", fg="cyan"), err=True)
        quote = typer.style(f"»{safe(one.quote)}«", bold=True) if one.quote else ""
        typer.echo(
            f"    …{safe(one.before)}{quote}{safe(one.after)}…".replace("\n", "\n    "), err=True
        )


def _ask(prompt: str) -> str | None:
    """The line that is typed; None at the end of the input."""
    typer.echo(f"{prompt}: ", nl=False, err=True)
    line = sys.stdin.readline()
    return line.strip() if line else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _library(options: Options) -> Iterator[Library | None]:
    from surefoot.evaluate.evalsets.library import Library

    try:
        space = open_space(options)
    except MissingError:
        say("note: there is no workspace here, so passages cannot be shown")
        yield None
        return
    with space:
        yield Library.of_index(space.resources.index())
