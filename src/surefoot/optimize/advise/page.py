"""The advice as a page of Markdown, in its own language: for a terminal, a file or the docs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from surefoot.optimize.advise.advice import Advice
from surefoot.optimize.advise.table import SideBySide, method_names
from surefoot.optimize.advise.words import word


def advice_text(advice: Advice) -> str:
    """Title, reasons, costs, what to watch, what would change it, the methods side by side, and the way there."""
    blocks = [block for block in _blocks(advice) if block]
    return "\n\n".join(blocks) + "\n"


def table_text(advice: Advice) -> str:
    """The four methods side by side as a Markdown table."""
    names = method_names(advice.lang)
    verdict = any(row.verdict for row in advice.table)
    head = [word(advice.lang, "dimension.dimension"), *names.values()]
    head += [word(advice.lang, "dimension.measured")] if verdict else []
    lines = [_line(head), _line(["---"] * len(head))]
    for row in advice.table:
        lines.append(
            _line([row.name, *(_cell(row, method) for method in names), *_said(row, verdict)])
        )
    return "\n".join(lines)


def _blocks(advice: Advice) -> Iterator[str]:
    lang = advice.lang

    def titled(key: str, items: Sequence[str]) -> str:
        return f"## {word(lang, f'headings.{key}')}\n\n" + _listed(items) if items else ""

    yield f"# {word(lang, 'headings.recommended')}{_colon(advice)}{advice.title}"
    yield advice.summary
    if advice.evidence is not None:
        yield titled("evidence", advice.evidence.said)
    yield titled("why", [_reason(advice, place) for place in range(len(advice.reasons))])
    yield titled("costs", advice.costs)
    yield titled("mind", advice.mind)
    yield titled("changes", advice.changes)
    yield titled("seen", list(advice.seen.values()))
    yield titled("assumed", advice.assumed)
    yield f"## {word(lang, 'headings.table')}\n\n{table_text(advice)}"
    yield f"## {word(lang, 'headings.steps')}\n\n" + "\n".join(
        f"{place}. {step.text}\n   `{step.command}`" for place, step in enumerate(advice.steps, 1)
    )


def _reason(advice: Advice, place: int) -> str:
    reason = advice.reasons[place]
    return reason.text


def _colon(advice: Advice) -> str:
    return "：" if advice.lang == "zh" else ": "


def _listed(items: Sequence[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(row: SideBySide, method: str) -> str:
    measured = {str(key): value for key, value in row.measured.items()}.get(method)
    level = {str(key): value for key, value in row.levels.items()}[method]
    return f"{level} ({measured})" if measured else level


def _said(row: SideBySide, verdict: bool) -> list[str]:
    return [row.verdict] if verdict else []
