"""Writes a report as one HTML file without scripts or network, or as Markdown. Every value is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import resources

from surefoot.config.said import told
from surefoot.core.types import Score
from surefoot.optimize.report.page import Page, Question, ReportLang
from surefoot.optimize.report.plot import frontier_plot, interval_bar
from surefoot.optimize.report.words import words

_SHOWN = 12
"""Solutions that stand in the open; the others are folded."""
_WHISKERS = 24
"""Solutions up to which the plot shows every interval; beyond, those of the named ones."""
_RADIUS = {"chosen": 6, "frontier": 4, "other": 3}


def report_html(page: Page) -> str:
    """A whole HTML document that needs nothing but itself; its policy allows its own style and nothing else."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_data("report.html")).render(
        page=page,
        w=words(page.lang),
        told=partial(told, page.lang),
        css=Markup(_data("report.css")),
        policy=report_policy(),
        plot=frontier_plot(page.solutions),
        interval_bar=interval_bar,
        qualities=[one.quality for one in page.solutions],
        differences=[one.difference for one in page.effects],
        slice_labels=list(dict.fromkeys(label for one in page.slices for label in one.scores)),
        shown=_SHOWN,
        whiskers=_WHISKERS,
        radius=_RADIUS,
        money=any(one.usd for one in page.solutions),
    )


def report_policy() -> str:
    """What a report may do: show its own style, and nothing else (Content-Security-Policy, level 3)."""
    digest = base64.b64encode(hashlib.sha256(_data("report.css").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def report_markdown(page: Page) -> str:
    """The same report for a README or a pull request; plots are left out, their numbers stand in the tables."""
    return "\n".join(_markdown(page)) + "\n"


def _markdown(page: Page) -> Iterator[str]:
    w = words(page.lang)
    yield from (f"# {_flat(page.title)}", "", f"**{_flat(page.verdict)}**", "")
    yield from (f"- {_flat(line)}" for line in page.remarks)
    if page.figures:
        yield from ("", f"## {w['figures']}", "")
        yield from _table(
            (page.metric, w["value"], w["interval"], w["n"]),
            [(one.metric, *_score(one), str(one.n)) for one in page.figures],
        )
    if page.solutions:
        yield from ("", f"## {w['solutions']}", "")
        yield from _table(
            (w["solution"], "", page.metric, w["interval"], w["n"], w["ms"], w["cpu"]),
            [
                (
                    one.label,
                    w[f"role_{one.role}"],
                    *_score(one.quality),
                    str(one.quality.n),
                    f"{one.latency_ms:.0f}",
                    f"{one.cpu_ms:.0f}",
                )
                for one in page.solutions
            ],
        )
    for sheet in page.sheets:
        yield from ("", f"## {sheet.title}", "", _flat(sheet.note), "")
        yield from _table([_flat(name) for name in sheet.columns], sheet.rows)
    yield from _markdown_parts(page)
    yield from ("", f"## {w['failing']}", "")
    yield from (_line(one, page.lang) for one in page.failing)
    if not page.failing:
        yield w["no_failing"]
    yield from ("", f"## {w['facts']}", "")
    yield from (f"- {_flat(label)}: {_flat(text)}" for label, text in page.facts)
    yield from (f"- {w['left_out']}: {_flat(line)}" for line in page.left_out)
    if page.commands:
        yield from ("", f"## {w['commands']}", "", "```bash", *page.commands, "```")
    if page.solution_file:
        yield from (
            "",
            f"## {w['solution_file']}",
            "",
            "```toml",
            page.solution_file.rstrip(),
            "```",
        )


def _markdown_parts(page: Page) -> Iterator[str]:
    w = words(page.lang)
    if page.effects:
        yield from ("", f"## {w['effects']}", "")
        yield from _table(
            (w["choice"], w["option"], w["difference"], w["interval"], w["n"]),
            [
                (
                    one.axis,
                    one.option,
                    f"{one.difference.value:+.3f}",
                    f"{one.difference.low:+.3f} – {one.difference.high:+.3f}",
                    str(one.difference.n),
                )
                for one in page.effects
            ],
        )
    if page.slices:
        yield from ("", f"## {w['slices']}", "")
        yield from _table(
            ("", "", w["solution"], w["value"], w["interval"], w["n"]),
            [
                (one.by, one.name, label, *_score(score), str(score.n))
                for one in page.slices
                for label, score in one.scores.items()
            ],
        )


def _line(one: Question, lang: ReportLang) -> str:
    came = told(lang, one.failure) or one.answer or ", ".join(one.found)
    return f"- {one.value:.2f} {_flat(one.question)} — {_flat(came)}"


def _score(one: Score) -> tuple[str, str]:
    return f"{one.value:.3f}", f"{one.low:.3f} – {one.high:.3f}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_flat(cell) for cell in row)} |"


def _flat(text: str) -> str:
    """One line whose characters mean nothing to Markdown or HTML."""
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return flat.replace("|", "\\|").replace("`", "\\`").replace("[", "\\[")


def _data(name: str) -> str:
    file = resources.files("surefoot.optimize.report") / "data" / name
    return file.read_text(encoding="utf-8")
