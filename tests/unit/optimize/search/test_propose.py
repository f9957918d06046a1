from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from surefoot.optimize.search.propose import (
    Known,
    corpus_axes,
    first_candidates,
    propose,
    propose_corpus,
)
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
        if labels.count("never") > 1:
            return None
        return Candidate("/".join(labels), full, corpus=full["axis 0"])


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
        found = propose(space, known, 8, leader=space.baseline, seed=1)
        again = propose(space, known, 8, leader=space.baseline, seed=1)
        assert [one.digest for one in found] == [one.digest for one in again]
        assert not {one.digest for one in found} & {one.candidate.digest for one in known}
        known += [Known(one, (good(one),)) for one in found]
    first, last = known[2:10], known[-8:]
    assert sum(one.values[0] for one in last) > sum(one.values[0] for one in first)


def test_several_objectives_are_proposed_for() -> None:
    space = Wide()
    known = [Known(space.baseline, (0.0, -1.0))]
    assert len(propose(space, known, 4, leader=space.baseline)) == 4


def test_when_all_are_known_nothing_is_proposed() -> None:
    space = Wide()
    everything, _ = first_candidates(space, 1000)
    assert (
        propose(space, [Known(one, (0.0,)) for one in everything], 2, leader=space.baseline) == []
    )


def test_proposals_stay_over_the_leaders_corpus_and_another_is_tried_with_the_leader() -> None:
    space = Wide()
    assert corpus_axes(space) == {"axis 0"}
    leader = space.candidate({"axis 0": "better", "axis 3": "better"})
    assert leader is not None
    known = [Known(space.baseline, (0.0,)), Known(leader, (1.0,))]
    inside = propose(space, known, 6, leader=leader)
    assert {one.corpus for one in inside} == {leader.corpus}
    (other,) = propose_corpus(space, known, leader=leader)
    assert other.choices == {**leader.choices, "axis 0": "never"}
    tried = [*known, Known(other, (0.0,))]
    assert propose_corpus(space, tried, leader=leader) == []


class Hops(Wide):
    """The last option of the first axis needs an index of its own, the one before it does not."""

    def candidate(self, choices: Mapping[str, str], /) -> Candidate | None:
        made = super().candidate(choices)
        if made is None:
            return None
        return replace(made, corpus="own" if made.choices["axis 0"] == "never" else "plain")


def test_an_option_that_needs_no_index_is_proposed_beside_one_that_does() -> None:
    space = Hops()
    assert "axis 0" in corpus_axes(space)
    for leader in (space.baseline, replace(space.present, corpus="plain")):
        known = [Known(space.baseline, (0.0,))]
        found = propose(space, known, 12, leader=leader)
        assert len(found) == 12
        assert {one.corpus for one in found} == {"plain"}
        assert {one.choices["axis 0"] for one in found} == {"base", "better"}
