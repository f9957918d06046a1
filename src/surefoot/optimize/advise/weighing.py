"""What a comparison says of the rule's advice: it stays until another is proven better, or as good and cheaper."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from surefoot.core.types import Score
from surefoot.optimize.advise.forms import Form
from surefoot.optimize.advise.rule import Needs
from surefoot.optimize.compare.result import METHODS, SEARCHING, Comparison, Difference, Method

Standing = Literal["agrees", "better", "cheaper", "open", "unmeasured"]

ARMS_OF: Final[Mapping[Form, tuple[Method, ...]]] = {
    "prompt": ("prompt", "cot"),
    "prompt_examples": ("nearest", "fewshot"),
    "rag": ("rag",),
    "rag_examples": ("rag",),
    "tune": ("lora", "full"),
    "both": ("lora+rag", "full+rag"),
}
"""The arms that stand for what the rule of thumb advises."""


@dataclass(frozen=True, slots=True)
class Against:
    """A method beside another: `gap` is its score minus the other's, with a 95 % interval."""

    method: Method
    gap: Score
    kind: Literal["better", "worse", "equivalent", "not proven"]
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a comparison says of the rule's advice.

    `prior` is the arm that stands for the rule's advice, None where it was not measured; `chosen` the one advised now.
    `standing`: the measurement `agrees`, proves another `better`, or as good and `cheaper`, or leaves it `open` until
    `needed` more questions are asked that tell it from its cheaper `rival` (None: no practical number would); `few`
    says that there are too few questions to go by. `barred`
    scored higher but cannot give what was asked for, `because` of what. `said` is all of it in words.
    """

    comparison: str
    metric: str
    n: int
    standing: Standing
    prior: Method | None
    chosen: Method | None
    against: tuple[Against, ...]
    few: bool = False
    barred: tuple[Against, ...] = ()
    because: Literal["", "untraceable", "stale"] = ""
    rival: Against | None = None
    needed: int | None = None
    said: tuple[str, ...] = ()

    @property
    def departs(self) -> bool:
        """Whether the measurement leads elsewhere than the rule of thumb."""
        return self.standing in ("better", "cheaper")


def weigh(comparison: Comparison, form: Form, needs: Needs) -> Evidence:
    """What the comparison's verdicts say of the arm that stands for this form."""
    means = {one.method: one.score.value for one in comparison.joined}
    prior = max(
        (method for method in ARMS_OF[form] if method in means),
        key=lambda method: means[method],
        default=None,
    )
    if prior is None:
        return _evidence(comparison, "unmeasured", None, None, ())
    against = tuple(_against(comparison, prior))
    allowed = [one for one in against if _gives(one.method, needs)]
    barred = tuple(one for one in against if one not in allowed and one.kind == "better")
    found = _evidence(comparison, "agrees", prior, prior, against)
    because = _because(needs) if barred else ""
    names = {prior, *(one.method for one in allowed)}
    beaten = {_worse(one) for one in _differences(comparison) if _pair(one) <= names}
    return replace(_decided(found, allowed, beaten), barred=barred, because=because)


def _decided(
    found: Evidence, allowed: Sequence[Against], beaten: Collection[Method | None]
) -> Evidence:
    """Better goes first, then as good and cheaper; a cheaper method that is not told apart leaves it open.

    Open means the cheaper one for the time being, unless the questions are too few to go by.
    """
    place = METHODS.index(found.prior) if found.prior else 0
    cheaper = [one for one in allowed if METHODS.index(one.method) < place]
    better = [one for one in allowed if one.kind == "better"]
    if better:
        best = max(better, key=lambda one: (one.gap.value, -METHODS.index(one.method)))
        return replace(found, standing="better", chosen=best.method)
    equal = [one for one in cheaper if one.kind == "equivalent"]
    if equal:
        return replace(found, standing="cheaper", chosen=equal[0].method)
    unsure = [one for one in cheaper if one.kind == "not proven" and one.method not in beaten]
    if not unsure:
        return found
    rival = unsure[0]
    chosen = found.prior if found.few else rival.method
    return replace(found, standing="open", rival=rival, chosen=chosen, needed=rival.needed)


def _evidence(
    comparison: Comparison,
    standing: Standing,
    prior: Method | None,
    chosen: Method | None,
    against: tuple[Against, ...],
) -> Evidence:
    few = any(one.few for one in _differences(comparison))
    named = (comparison.id, comparison.metric, comparison.n)
    return Evidence(*named, standing, prior, chosen, against, few)


def _differences(comparison: Comparison) -> list[Difference]:
    return [one for one in comparison.differences if one.metric == comparison.metric]


def _pair(found: Difference) -> set[Method]:
    return {found.method, found.against}


def _worse(found: Difference) -> Method | None:
    """The one that is proven worse."""
    if found.kind == "better":
        return found.against
    return found.method if found.kind == "worse" else None


def _against(comparison: Comparison, prior: Method) -> Iterator[Against]:
    """Every other method beside this one, in the order of cost."""
    found = {
        (one.method if one.against == prior else one.against): one
        for one in _differences(comparison)
        if prior in _pair(one)
    }
    for method in METHODS:
        if method in found:
            yield _turned(found[method], method)


def _turned(found: Difference, method: Method) -> Against:
    """The difference as that of `method` minus the other."""
    if found.method == method:
        return Against(method, found.difference, found.kind, found.needed)
    gap = found.difference
    turned = replace(gap, value=-gap.value, low=-gap.high, high=-gap.low)
    other: dict[str, Literal["better", "worse"]] = {"better": "worse", "worse": "better"}
    return Against(method, turned, other.get(found.kind, found.kind), found.needed)


def _gives(method: Method, needs: Needs) -> bool:
    """Whether a method can give what was asked for and no score shows: sources, and answers from changing material."""
    return method in SEARCHING or _because(needs) == ""


def _because(needs: Needs) -> Literal["", "untraceable", "stale"]:
    if needs.traceable:
        return "untraceable"
    return "stale" if needs.knowledge and needs.changes else ""
