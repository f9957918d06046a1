"""Comparing methods: prompting, examples, retrieval, adapters, full training and both, on the same questions."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.questions import read_questions
from surefoot.cli.render import ShowProgress, print_json, print_table, progress, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError

if TYPE_CHECKING:
    from surefoot.core.types import EvalSet
    from surefoot.optimize.compare.plan import ComparePlan
    from surefoot.optimize.compare.result import Comparison
    from surefoot.optimize.compare.settings import CompareSettings, Doing, Moment
    from surefoot.optimize.sheets import Sheet
    from surefoot.run.workspace import Workspace
    from surefoot.tune.rows import TuningRows

comparisons = typer.Typer(help="Show comparisons of methods.", no_args_is_help=True)
app.add_typer(comparisons, name="comparisons")


@dataclass(frozen=True, slots=True)
class Effort:
    """What goes into the arms."""

    epochs: Annotated[
        float, typer.Option("--epochs", min=0.01, help="Of every trained arm, at most.")
    ] = 3.0
    train_tokens: Annotated[
        int, typer.Option("--train-tokens", min=0, help="Of every trained arm at most; 0 = any.")
    ] = 0
    rates: Annotated[
        str,
        typer.Option(
            "--rates",
            metavar="X,...",
            help="Learning rates to try, times the usual one; the best on the dev rows is kept.",
        ),
    ] = "1"
    shots: Annotated[
        int, typer.Option("--shots", min=1, help="Examples that fewshot and nearest show.")
    ] = 5
    thoughts: Annotated[
        int, typer.Option("--thoughts", min=1, help="Tokens that cot may think before it answers.")
    ] = 160
    no_evidence: Annotated[
        float,
        typer.Option(
            "--no-evidence",
            min=0.0,
            max=1.0,
            help="Share of questions told again without the right passage, to learn refusing.",
        ),
    ] = 0.25
    number_type: Annotated[
        str, typer.Option("--number-type", help="Of the weights of all arms: f16 or q8_0.")
    ] = "f16"
    tolerance: Annotated[
        float | None,
        typer.Option("--tolerance", help="Agreement from which an export is good, 0 to 1."),
    ] = None
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda, for training.")] = (
        "auto"
    )
    suites: Annotated[
        bool,
        typer.Option("--suites/--no-suites", help="Measure freshness and forgetting too."),
    ] = True


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared."""

    evalset: Annotated[
        str,
        typer.Option("--evalset", "-e", help="A name in evalsets/, a JSONL file or a folder."),
    ] = ""
    train: Annotated[
        Path | None,
        typer.Option("--train", help="Rows to learn from, as surefoot tune data writes them."),
    ] = None
    methods: Annotated[
        str,
        typer.Option(
            "--methods",
            metavar="NAME,...",
            help="prompt, fewshot, nearest, cot, rag, lora, full, lora+rag, full+rag; empty = all.",
        ),
    ] = ""
    seeds: Annotated[str, typer.Option("--seeds", metavar="N,...", help="Of training.")] = "1"
    model: Annotated[
        str, typer.Option("--model", help="Alias or .gguf of all arms; empty = the solution's.")
    ] = ""
    metric: Annotated[
        str, typer.Option("--metric", help="What quality is; without it the eval set says.")
    ] = ""
    budget: Annotated[
        str, typer.Option("--budget", help="When to stop, such as 45m; empty = when all is done.")
    ] = ""


@command(app, solution=True)
def compare(
    options: Options,
    go_on: Annotated[
        str,
        typer.Option(
            "--continue",
            metavar="ID",
            help="Go on with a comparison (or last), with these --seeds besides.",
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be run and how long; run nothing.")
    ] = False,
    lang: Annotated[str, typer.Option("--lang", help="Of table and verdict: en or zh.")] = "en",
    asked: Asked = Asked(),
    effort: Effort = Effort(),
) -> None:
    """Compare the methods on the same questions: quality with intervals, what each costs, and a verdict in words.

    Example: surefoot compare --evalset support --train train.jsonl --budget 45m
    """
    from surefoot.optimize.compare.compare import compare_methods
    from surefoot.optimize.compare.plan import ComparePlan

    quiet = options.quiet or options.json
    with open_space(options) as space:
        questions, rows, settings = _taken(options, space, go_on, asked, effort)
        plan = ComparePlan(space, questions, rows, settings)
        if dry_run:
            _print_plan(plan, options)
            return
        _say_plan(plan, quiet=quiet)
        with progress("comparing", quiet=quiet) as show:
            found = compare_methods(space, questions, rows, settings, _shown(show, quiet=quiet))
    if options.json:
        print_json(found.to_json())
    else:
        _print_found(found, lang, options)


@command(comparisons, "list")
def list_comparisons(options: Options) -> None:
    """List the comparisons of this workspace, the latest last.

    Example: surefoot comparisons list
    """
    from surefoot.optimize.compare.files import CompareFiles

    with open_space(options) as space:
        known = CompareFiles.all(space.root / ".surefoot")
        found = [(one.asked, one.ended) for one in known]
    if options.json:
        print_json([asdict(asked) | {"ended": ended} for asked, ended in found])
        return
    print_table(
        ("comparison", "eval set", "model", "methods", "seeds", "state"),
        [
            (
                asked.id,
                asked.evalset,
                Path(asked.model).name,
                ",".join(asked.methods),
                ",".join(map(str, asked.seeds)),
                "ended" if ended else "not ended: --continue goes on",
            )
            for asked, ended in found
        ],
    )


@command(comparisons, "show")
def show_comparison(
    options: Options,
    name: Annotated[str, typer.Argument(metavar="ID", help="Its beginning, or last.")] = "last",
    lang: Annotated[str, typer.Option("--lang", help="en or zh.")] = "en",
) -> None:
    """Show the table and the verdict of a comparison that has ended.

    Example: surefoot comparisons show last
    """
    from surefoot.optimize.compare.compare import load_comparison

    with open_space(options) as space:
        found = load_comparison(space, name)
    if options.json:
        print_json(found.to_json())
    else:
        _print_found(found, lang, options)


def _taken(
    options: Options, space: Workspace, go_on: str, asked: Asked, effort: Effort
) -> tuple[EvalSet, TuningRows | None, CompareSettings]:
    """Questions, rows and settings, of the command line or of a comparison to go on with.

    Raises:
        ConfigError: neither or both are named.
    """
    from surefoot.optimize.compare.compare import continued
    from surefoot.tune.rows import read_rows

    if bool(asked.evalset) == bool(go_on):
        raise ConfigError(
            "name an eval set, or a comparison to go on with",
            where="surefoot compare",
            hint="surefoot compare --evalset NAME, or surefoot compare --continue last",
        )
    settings = _settings(asked, effort)
    if go_on:
        return continued(space, go_on, settings)
    rows = read_rows(asked.train) if asked.train else None
    return read_questions(options, asked.evalset), rows, settings


def _settings(asked: Asked, effort: Effort) -> CompareSettings:
    from surefoot.core.budget import Budget, parse_budget
    from surefoot.optimize.compare.methods import parse_methods
    from surefoot.optimize.compare.settings import CompareSettings

    return CompareSettings(
        methods=parse_methods(asked.methods),
        seeds=_seeds(asked.seeds),
        model=asked.model,
        metric=asked.metric,
        budget=parse_budget(asked.budget) if asked.budget else Budget(),
        epochs=effort.epochs,
        train_tokens=effort.train_tokens,
        rates=_rates(effort.rates),
        shots=effort.shots,
        thought_tokens=effort.thoughts,
        no_evidence=effort.no_evidence,
        number_type=cast(
            "Literal['f16', 'q8_0']",
            _one_of(effort.number_type, ("f16", "q8_0"), "--number-type"),
        ),
        tolerance=effort.tolerance,
        suites=effort.suites,
        device=cast(
            "Literal['auto', 'cpu', 'cuda']",
            _one_of(effort.device, ("auto", "cpu", "cuda"), "--device"),
        ),
        command=shlex.join(["surefoot", *sys.argv[1:]]),
    )


def _seeds(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdigit() and int(part) for part in parts):
        raise ConfigError(f"{text!r} is no list of seeds", where="--seeds", hint="such as 1,2,3")
    return tuple(sorted({int(part) for part in parts}))


def _rates(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ConfigError(
            f"{text!r} is no list of numbers", where="--rates", hint="such as 1,0.125"
        ) from None


def _one_of(said: str, known: Sequence[str], where: str) -> str:
    if said not in known:
        raise ConfigError(f"{said!r} is not known", where=where, hint=f"known: {', '.join(known)}")
    return said


def _print_plan(plan: ComparePlan, options: Options) -> None:
    if options.json:
        arms = [
            {"arm": arm.name, "seconds": round(plan.forecast[arm.method].seconds)}
            for arm in plan.arms
        ]
        told = {"id": plan.id, "metric": plan.metric, "model": plan.model, "arms": arms}
        more = {"seconds": round(plan.seconds), "left_out": plan.left_out, "notes": plan.notes}
        print_json(told | more)
        return
    print_table(
        ("arm", "to make", "to ask"),
        [
            (
                arm.name,
                _time(plan.forecast[arm.method].make_s),
                _time(plan.forecast[arm.method].ask_s),
            )
            for arm in plan.arms
        ],
    )
    _say_plan(plan, quiet=options.quiet)


def _say_plan(plan: ComparePlan, *, quiet: bool) -> None:
    say(
        f"comparison {plan.id}: {len(plan.arms)} arms, {len(plan.evalset.cases)} questions by "
        f"{plan.metric}, {plan.model}; about {_time(plan.seconds)}, a rough guess from sizes",
        quiet=quiet,
    )
    if plan.trains:
        say(f"training: {plan.effort_said}", quiet=quiet)
    for method, why in plan.left_out.items():
        say(f"- {method} left out: {why}", quiet=quiet)
    for note in plan.notes:
        say(f"- {note}", quiet=quiet)


_DOING: Mapping[Doing, str] = {
    "checking": "checking",
    "preparing": "preparing {what}",
    "training": "training {what}",
    "exporting": "exporting {what}",
    "asking": "asking {what}",
    "measuring": "measuring {what}",
    "joining": "joining",
}


def moment_said(moment: Moment) -> str:
    """What a comparison does now, for which arm, and how long it has taken and will take."""
    doing = _DOING[moment.doing].format(what=moment.what).strip()
    if moment.arm:
        doing = f"{doing}, arm {moment.arm} of {moment.arms}"
    spent = _time(moment.elapsed_s)
    if not moment.seconds_left:
        return f"{doing} ({spent} so far)"
    return f"{doing} ({spent} so far, about {_time(moment.seconds_left)} left)"


def _shown(show: ShowProgress, *, quiet: bool) -> Callable[[Moment], None]:
    """Shows how far the arm is, and says when one begins something new."""
    told: list[tuple[str, str]] = []

    def tell(moment: Moment) -> None:
        what = moment.doing, moment.what
        if not told or told[-1] != what:
            told.append(what)
            say(moment_said(moment), quiet=quiet)
        loss = moment.event.loss if moment.event else None
        detail = " ".join(what).strip() + (f", loss {loss:.3f}" if loss is not None else "")
        show(moment.done, moment.total, detail)

    return tell


def _time(seconds: float | None) -> str:
    from surefoot.optimize.compare.figures import seconds_text

    return seconds_text(seconds)


def _print_found(found: Comparison, lang: str, options: Options) -> None:
    """The tables, the verdict, the claims, and where it is kept."""
    from surefoot.optimize.compare.table import sheets
    from surefoot.optimize.compare.verdict import claims_sheet, verdict_words

    chosen = cast("Literal['en', 'zh']", _one_of(lang, ("en", "zh"), "--lang"))
    for sheet in sheets(found, chosen):
        _print_sheet(sheet)
    for line in verdict_words(found, chosen):
        typer.echo(line)
    held = claims_sheet(found, chosen)
    if held is not None:
        typer.echo()
        _print_sheet(held)
    say(f"comparison {found.id}, in {found.folder}", quiet=options.quiet)


def _print_sheet(sheet: Sheet) -> None:
    typer.echo(sheet.title)
    print_table(sheet.columns, cast("Sequence[Sequence[Any]]", sheet.rows))
    if sheet.note:
        typer.echo(sheet.note)
    typer.echo()
