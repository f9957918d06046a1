"""How a stage's work on the hits is told in lines: rank before and after, signals, what was dropped and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from surefoot.cli.render import say
from surefoot.core.steps import Step, moves, query_changes

SHOWN_HITS = 10


def explain_steps(steps: Iterable[Step]) -> None:
    """Each stage with its time, what it did to the query, the hits in their new order, drops and notes; on stderr."""
    for step in steps:
        say(f"{step.path} {step.kind}  {1000 * step.seconds:.1f} ms")
        for line in _lines(step):
            say(f"    {line}")


def hit_line(
    ranks: tuple[int | None, int], score: float, place: str, signals: Mapping[str, float]
) -> str:
    """One hit: rank, the rank it had before this stage, score, where it is, the numbers behind its score."""
    was, now = ranks
    moved = "" if was is None or was == now else f" (was {was})"
    told = "  ".join(f"{name} {value:.3g}" for name, value in signals.items())
    return f"{now:>2}.{moved} {score:.3f}  {place}  {told}".rstrip()


def dropped_line(was: int, place: str) -> str:
    """One hit that a stage dropped."""
    return f" -  (was {was}) dropped  {place}"


def _lines(step: Step) -> Iterable[str]:
    yield from (f"{what}: {value}" for what, value in query_changes(step))
    if step.after.hits is not step.before.hits:
        kept, dropped = moves(step)
        for move in kept[:SHOWN_HITS]:
            hit = move.hit
            ranks = (move.was, move.now or 0)
            yield hit_line(ranks, hit.score, f"{hit.chunk.id} by {hit.by}", hit.signals)
        if len(kept) > SHOWN_HITS:
            yield f"and {len(kept) - SHOWN_HITS} more hits (--json shows them)"
        for move in dropped[:SHOWN_HITS]:
            yield dropped_line(move.was or 0, move.hit.chunk.id)
        if len(dropped) > SHOWN_HITS:
            yield f"and {len(dropped) - SHOWN_HITS} more dropped"
    yield from (f"note: {note}" for note in step.notes)
