"""The command line: data on stdout, progress and errors on stderr, exit codes by who must act."""

from __future__ import annotations

import gc
import sys
import traceback
from types import TracebackType
from typing import NoReturn

import typer

from surefoot.cli.app import app
from surefoot.core.errors import ConfigError, SurefootError

EXIT_INTERRUPTED = 130
COLLECT_EVERY = 200_000
"""New objects between two looks for unreachable ones: more than a start makes. Reading documents looks more often."""
DOCS = "docs/errors.md"


def main() -> NoReturn:
    """Runs the command that `sys.argv` names and leaves with its exit code."""
    gc.set_threshold(COLLECT_EVERY)
    if "--debug" not in sys.argv:
        sys.excepthook = _unforeseen
    code = run(sys.argv[1:])
    gc.freeze()  # All that is left goes with the process; Python would look through it thrice on the way out.
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Runs a command and returns its exit code; errors are told in words."""
    _register()
    try:
        code = typer.main.get_command(app).main(
            arguments, prog_name="surefoot", standalone_mode=False
        )
    except SurefootError as problem:
        return _tell(problem, arguments)
    except typer.Exit as leaving:
        return leaving.exit_code
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("interrupted; what is done is kept", err=True)
        return EXIT_INTERRUPTED
    except typer.TyperException as usage:
        return _tell_usage(usage)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return code if isinstance(code, int) else 0


def _register() -> None:
    """Importing a module of commands registers them; the heavy imports wait inside the commands."""
    from surefoot.cli import (  # noqa: F401
        adapters,
        advise,
        ask,
        audit,
        chat,
        chunks,
        compare,
        corpus,
        demo,
        engines,
        evalset,
        evalset_check,
        evalset_create,
        evalset_import,
        evalset_review,
        evaluation,
        examples,
        experiments,
        feedback,
        gate,
        hybrid,
        inspection,
        keys,
        learn,
        models,
        optimize,
        parts,
        presets,
        purge,
        report,
        runs,
        serve,
        snapshots,
        solutions,
        tasks,
        traces,
        tune,
        tune_data,
        tune_encoder,
        up,
        views,
        workspace,
    )


def _unforeseen(
    kind: type[BaseException], problem: BaseException, trace: TracebackType | None
) -> None:
    """An error that no part foresaw: one line instead of a traceback; Python leaves with 1."""
    del trace
    typer.echo(
        f"unforeseen: {kind.__name__}: {problem} | run again with --debug and report it", err=True
    )


def _tell_usage(usage: typer.TyperException) -> int:
    """A wrong argument: shown by the command's own parser."""
    show = getattr(usage, "show", None)
    if callable(show):
        show()
    else:
        typer.echo(str(usage), err=True)
    return ConfigError.exit_code


def _tell(problem: SurefootError, arguments: list[str]) -> int:
    if "--debug" in arguments:
        traceback.print_exception(problem)
    notes = " ".join(getattr(problem, "__notes__", ()))
    if "--json" in arguments:
        import json

        error = {
            "code": problem.code,
            "message": problem.message,
            "where": problem.where,
            "why": notes,
            "hint": problem.hint,
            "docs": f"{DOCS}#{problem.code}",
        }
        typer.echo(json.dumps({"error": error}, ensure_ascii=False))
    else:
        typer.echo(
            f"{type(problem).__name__}: {problem}" + (f" ({notes})" if notes else ""), err=True
        )
    return problem.exit_code
