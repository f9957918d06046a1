"""The tour: read the example handbook and ask it six questions."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.corpus import report_problems, with_progress
from surefoot.cli.render import print_answer, print_json, say
from surefoot.cli.workspace import flags

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

QUESTIONS = (
    "How many days of annual leave do I get in my first year?",
    "Who approves a hotel that costs more than 180 euros a night?",
    "What should I do if I lose my access card?",
    "笔记本电脑多久更换一次？",
    "出差回来后多少天内要提交报销单？",
    "Does the company pay for a gym membership?",
)


@command(app)
def demo(options: Options) -> None:
    """Read the example handbook (English and Chinese, nine formats) and answer six questions.

    Example: surefoot demo
    """
    from surefoot.config.settings import load_settings
    from surefoot.run.workspace import open_workspace

    root = options.workspace or load_settings(flags=flags(options)).settings.home / "demo"
    with (
        resources.as_file(resources.files("surefoot.cli") / "data" / "handbook") as handbook,
        open_workspace(root, settings=flags(options)) as space,
    ):
        ingest = _read(space, handbook, options)
        asked = [_ask(space, question, options) for question in QUESTIONS]
    if options.json:
        print_json({"ingest": ingest, "questions": asked, "workspace": str(root)})
    else:
        say(
            f'\nask your own: surefoot ask --docs FOLDER "..."   (this workspace: {root})',
            quiet=options.quiet,
        )


def _read(space: Workspace, handbook: Path, options: Options) -> dict[str, Any]:
    start = perf_counter()
    report = with_progress(options, "reading", lambda show: space.add(handbook, progress=show))
    seconds = perf_counter() - start
    report_problems(report, options)
    if not options.json:
        typer.echo(f"{handbook}: {report.summary()}  ({seconds:.1f} s)\n")
    return {"report": report, "seconds": seconds}


def _ask(space: Workspace, question: str, options: Options) -> dict[str, Any]:
    start = perf_counter()
    answer = space.ask(question)
    seconds = perf_counter() - start
    if not options.json:
        typer.echo(typer.style(f"? {question}", fg="green") + f"  ({seconds * 1000:.0f} ms)")
        print_answer(answer)
        typer.echo()
    return {"question": question, "answer": answer, "seconds": seconds}
