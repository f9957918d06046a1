"""Figures as people read them: time, memory, shares with their intervals. Knows no comparison."""

from __future__ import annotations

from surefoot.core.types import Score

NOTHING = "–"
_MINUTE, _HOUR = 60.0, 3600.0
_KIB, _MIB, _GIB = 1024.0, 1024.0**2, 1024.0**3


def seconds_text(seconds: float | None) -> str:
    """Such as 0.3 s, 45 s, 12 min or 2.5 h; a dash for what was not measured."""
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def bytes_text(size: float) -> str:
    """In kB, MB or GB of 1024; 0 is 0."""
    if size <= 0:
        return "0"
    if size < _MIB:
        return f"{size / _KIB:.0f} kB"
    return f"{size / _MIB:.0f} MB" if size < _GIB else f"{size / _GIB:.1f} GB"


def mib_text(size: float) -> str:
    """A memory peak; a dash where none was measured."""
    return bytes_text(size * _MIB) if size > 0 else NOTHING


def ms_text(ms: float) -> str:
    """Milliseconds, from 10 s on as time."""
    return f"{ms:.0f} ms" if ms < 10_000 else seconds_text(ms / 1000)


def count_text(value: float) -> str:
    """A count or mean count in whole numbers with groups of three."""
    return f"{value:,.0f}"


def score_text(score: Score | None) -> str:
    """A share with its interval; a dash where it was not measured."""
    if score is None or not score.n:
        return NOTHING
    return f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]"


def gap_text(score: Score | None) -> str:
    """A difference with its sign and interval; a dash where there is none."""
    if score is None or not score.n:
        return NOTHING
    return f"{score.value:+.3f} [{score.low:+.3f}, {score.high:+.3f}]"


def p_text(p: float | None) -> str:
    """A p-value, from 0.001 on; empty where nothing was tested."""
    if p is None:
        return ""
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"
