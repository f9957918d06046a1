"""Which method suits: a short interview, or what a comparison measured."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, safe, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError, MissingError

if TYPE_CHECKING:
    from surefoot.optimize.advise.advice import Advice
    from surefoot.optimize.advise.interview import AdviceLang, Answers, Question
    from surefoot.run.workspace import Workspace

_YES_NO = "yes or no."
_PROMPTS = {
    "en": "answer (Enter leaves it open)",
    "zh": "回答（直接回车表示不确定）",
}
_INTRO = {
    "en": "A few questions; those that the workspace answers are left out.",
    "zh": "先问几个问题；工作区里已经能看到答案的不再问。",
}


@dataclass(frozen=True, slots=True)
class Given:
    """Answers given as flags; what is not given is taken from the file, from the workspace, or asked."""

    knowledge: Annotated[
        str,
        typer.Option("--knowledge", help=f"Right answers need knowledge of your own: {_YES_NO}"),
    ] = ""
    behaviour: Annotated[
        str,
        typer.Option("--behaviour", help=f"Format, style or terms must change: {_YES_NO}"),
    ] = ""
    hallucination: Annotated[
        str,
        typer.Option(
            "--hallucination",
            help="How bad a made-up answer is: harmless, annoying, costly, dangerous.",
        ),
    ] = ""
    labelled: Annotated[
        str, typer.Option("--labelled", metavar="N", help="Examples with the wanted answer.")
    ] = ""
    changes: Annotated[
        str,
        typer.Option(
            "--changes", help="How often data change: never, yearly, monthly, weekly, daily."
        ),
    ] = ""
    traceable: Annotated[
        str, typer.Option("--traceable", help=f"Readers must be able to check answers: {_YES_NO}")
    ] = ""
    budget: Annotated[
        str, typer.Option("--budget", help="What it may take: afternoon, days, weeks.")
    ] = ""
    latency: Annotated[
        str, typer.Option("--latency", help="An answer may take: second, seconds, any.")
    ] = ""
    privacy: Annotated[
        str, typer.Option("--privacy", help="Who may see data: anyone, own, restricted.")
    ] = ""
    hardware: Annotated[str, typer.Option("--hardware", help="cpu, gpu or gpus.")] = ""


@command(app)
def advise(
    options: Options,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Answers as TOML or JSON, by question."),
    ] = None,
    compare: Annotated[
        str,
        typer.Option(
            "--compare", metavar="ID", help="Draw the advice from this comparison, or from last."
        ),
    ] = "",
    lang: Annotated[Literal["en", "zh"], typer.Option("--lang", help="en or zh.")] = "en",
    *,
    given: Given = Given(),
) -> None:
    """Say which method suits: prompt, RAG, fine-tuning or both; why, what it costs, and what to do next.

    Example: surefoot advise --knowledge yes --changes weekly --labelled 40
    """
    from surefoot.optimize.advise.drawing import draw_advice
    from surefoot.optimize.advise.seen import look

    space = _space(options)
    try:
        told = _told(given, answers)
        seen = look(space, datetime.now(UTC), lang)
        all_answers, known = seen.beside(told)
        if _asks(options):
            all_answers = _interviewed(all_answers, lang)
        found = draw_advice(space, all_answers, known, lang, compare)
    finally:
        if space is not None:
            space.close()
    _show(found, all_answers, options)


def _show(found: Advice, answers: Answers, options: Options) -> None:
    from surefoot.optimize.advise.interview import interview
    from surefoot.optimize.advise.page import advice_text

    if options.json:
        left = {one.key: one.said[found.lang] for one in interview().open(answers)}
        print_json({"advice": found, "answers": answers.given(), "open": left})
        return
    typer.echo(safe(advice_text(found)), nl=False)
    say(f"next: {found.next.command}", quiet=options.quiet)


def _space(options: Options) -> Workspace | None:
    """The workspace, where there is one."""
    try:
        return open_space(options)
    except MissingError:
        if options.workspace is not None:
            raise
        return None


def _told(given: Given, file: Path | None) -> Answers:
    """What was said, flags before the file."""
    from surefoot.optimize.advise.interview import Answers, parse_answers, read_answers

    flags = {one.name: getattr(given, one.name) for one in fields(Given)}
    first = parse_answers({key: value for key, value in flags.items() if value}, where="advise")
    return first.over(read_answers(file) if file else Answers())


def _asks(options: Options) -> bool:
    return sys.stdin.isatty() and not (options.no_input or options.json or options.yes)


def _interviewed(answers: Answers, lang: AdviceLang) -> Answers:
    """The answers with those that a person gives to the open questions."""
    from surefoot.optimize.advise.interview import interview

    questions = interview().open(answers)
    if questions:
        say(_INTRO[lang])
    for place, question in enumerate(questions, 1):
        answers = _asked(question, f"{place}/{len(questions)}", lang).over(answers)
    return answers


def _asked(question: Question, place: str, lang: AdviceLang) -> Answers:
    from surefoot.optimize.advise.interview import parse_answers

    say(f"\n{place}  {question.said[lang]}")
    for number, option in enumerate(question.options, 1):
        say(f"   {number}  {option.said[lang]}")
    while True:
        typed: Any = typer.prompt(_PROMPTS[lang], default="", show_default=False, err=True)
        if question.options and typed.isdigit() and 1 <= int(typed) <= len(question.options):
            typed = question.options[int(typed) - 1].value
        try:
            return parse_answers({question.key: typed})
        except ConfigError as problem:
            say(f"{problem.message} | {problem.hint}")
