"""What people think of answers: recorded beside the trace, and taken into an eval set."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.evalset import evalsets
from surefoot.cli.render import print_json, safe, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError, MissingError


@command(app)
def feedback(
    options: Options,
    trace: Annotated[str, typer.Argument(help="A trace id, its beginning, or last.")],
    right: Annotated[
        bool | None, typer.Option("--right/--wrong", help="Whether the answer was right.")
    ] = None,
    answer: Annotated[str, typer.Option("--answer", help="The right answer.")] = "",
    source: Annotated[str, typer.Option("--source", help="The document that has it.")] = "",
    unanswerable: Annotated[
        bool, typer.Option("--unanswerable", help="The documents do not answer the question.")
    ] = False,
) -> None:
    """Say whether an answer was right; surefoot evalset add-feedback makes questions of it.

    Example: surefoot feedback last --wrong --answer "30 days" --source policy.md
    """
    from surefoot.evaluate.evalsets.feedback import feedback_on

    if right is None:
        raise ConfigError("say whether it was right", hint="--right or --wrong")
    if unanswerable and answer:
        raise ConfigError("--unanswerable and --answer contradict each other")
    with open_space(options) as space:
        newest = space.ledger.traces(limit=1) if trace == "last" else []
        if trace == "last" and not newest:
            raise MissingError("there is no trace yet", hint="surefoot ask makes one")
        spans = space.ledger.trace(newest[0].trace_id if newest else trace)
        given = feedback_on(spans, right=right, at_ns=time.time_ns())
        given = replace(given, correct=answer, source=source, answerable=not unanswerable)
        space.feedback.add(given)
    if options.json:
        print_json(given)
        return
    typer.echo(f"{'right' if right else 'wrong'}: {safe(given.question)}")
    if not right and not answer and not unanswerable:
        say("note: with --answer or --unanswerable it could join an eval set", quiet=options.quiet)


@command(evalsets, "add-feedback")
def add(
    options: Options,
    name: Annotated[
        str, typer.Argument(metavar="EVALSET", help="A set, or the name of a new one.")
    ],
) -> None:
    """Make questions of what people said of answers, and add those that the set lacks; its version goes up.

    Example: surefoot evalset add-feedback support
    """
    from surefoot.evaluate.evalsets import evalset_file, find_evalset
    from surefoot.evaluate.evalsets.feedback import join_feedback

    with open_space(options) as space:
        try:
            path = find_evalset(name, space.root)
        except MissingError:
            path = evalset_file(space.root, name)
        joined, path = join_feedback(space, path)
    if options.json:
        print_json(
            {
                "path": str(path),
                "digest": joined.evalset.digest,
                "version": joined.evalset.version,
                "added": joined.added,
                "left_out": joined.left_out,
            }
        )
        return
    for trace, reason in joined.left_out.items():
        say(f"left out: {trace[:12]}: {reason}", quiet=options.quiet)
    typer.echo(f"{len(joined.added)} questions added; version {joined.evalset.version} at {path}")
