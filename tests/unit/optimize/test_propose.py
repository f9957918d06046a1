from __future__ import annotations

from collections.abc import Mapping

from surefoot.optimize.propose import Known, first_candidates, propose
from surefoot.optimize.trial import Axis, Candidate


class Wide:
    """Six axes of three options; solutions with two words of 'never' do not work."""

    axes = tuple(Axis(f"axis {n}", ("base", "better", "never")) for n in range(6))
    present = Candidate("present", {})

    @property
    def baseline(self) -> Candidate:
        made = self.candidate({})
        assert made is not None
        return made

    def candidate(self, choices: Mapping[str, str], /) -> Candidate | None:
        full = {axis.name: choices.get(axis.name, "base") for axis in self.axes}
        labels = list(full.values())
        return None if labels.count("never") > 1 else Candidate("/".join(labels), full)


def good(one: Candidate) -> float:
    return float(sum(label == "better" for label in one.choices.values()))


def test_a_small_space_is_listed_with_the_present_solution_first() -> None:
    found, whole = first_candidates(Wide(), 1000)
    assert whole
    assert len(found) == 2**6 + 6 * 2**5 + 1
    assert [one.digest for one in found[:2]] == ["present", "/".join(["base"] * 6)]


def test_of_a_large_space_the_present_and_the_plain_solution_come_first() -> None:
    found, whole = first_candidates(Wide(), 100)
    assert not whole
    assert len(found) == 2


def test_proposals_are_new_repeatable_and_learn() -> None:
    space = Wide()
    known = [Known(space.present, (0.0,)), Known(space.baseline, (0.0,))]
    for _ in range(4):
        found = propose(space, known, 8, seed=1)
        assert [o.digest for o in found] == [o.digest for o in propose(space, known, 8, seed=1)]
        assert not {one.digest for one in found} & {one.candidate.digest for one in known}
        known += [Known(one, (good(one),)) for one in found]
    first, last = known[2:10], known[-8:]
    assert sum(one.values[0] for one in last) > sum(one.values[0] for one in first)


def test_several_objectives_are_proposed_for() -> None:
    space = Wide()
    known = [Known(space.baseline, (0.0, -1.0))]
    assert len(propose(space, known, 4, seed=0)) == 4


def test_when_all_are_known_nothing_is_proposed() -> None:
    space = Wide()
    everything, _ = first_candidates(space, 1000)
    assert propose(space, [Known(one, (0.0,)) for one in everything], 2) == []
