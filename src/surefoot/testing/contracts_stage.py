"""What every stage must keep: inherit the class, give the fixtures, and pytest runs it."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from surefoot.config.base import PartSettings
from surefoot.core.filters import Compound
from surefoot.core.roles import Call, Stage
from surefoot.core.types import Note, Turn


class StageContract:
    """Give the fixtures `stage` and `turn`: a turn over which the stage has something to do."""

    def test_the_same_turn_gives_the_same_turn(self, stage: Stage, turn: Turn) -> None:
        assert stage(turn, Call()) == stage(turn, Call())

    def test_the_turn_it_is_given_does_not_change(self, stage: Stage, turn: Turn) -> None:
        copy = replace(turn)
        stage(turn, Call())
        assert turn == copy

    def test_the_question_and_who_asks_stay(self, stage: Stage, turn: Turn) -> None:
        after = stage(turn, Call()).query
        assert (after.text, after.asker) == (turn.query.text, turn.query.asker)

    def test_a_filter_is_narrowed_and_never_widened(self, stage: Stage, turn: Turn) -> None:
        given = turn.query.filter
        after = stage(turn, Call()).query.filter
        if stage.produces != "query":
            assert after == given
        elif given is not None and after != given:
            assert isinstance(after, Compound) and after.type == "and" and given in after.filters

    def test_notes_are_added_to_and_never_lost(self, stage: Stage, turn: Turn) -> None:
        before = (Note("earlier", "was said"),)
        assert stage(replace(turn, notes=before), Call()).notes[:1] == before

    def test_it_says_what_it_produces(self, stage: Stage, turn: Turn) -> None:
        after = stage(turn, Call())
        assert stage.takes in ("query", "hits")
        assert stage.produces in ("query", "hits", "answer")
        assert (after.answer is turn.answer) == (stage.produces != "answer")
        if stage.produces == "query":
            assert after.hits == turn.hits
        if stage.produces == "answer":
            assert after.answer is not None

    def test_hits_have_chunks_once_and_plain_signals(self, stage: Stage, turn: Turn) -> None:
        hits = stage(turn, Call()).hits
        names = [hit.chunk.id for hit in hits]
        assert len(set(names)) == len(names)
        for hit in hits:
            assert hit.by
            assert all(type(value) in (int, float) for value in hit.signals.values())

    def test_its_settings_have_a_kind_and_survive_json(self, stage: Stage) -> None:
        settings: type[PartSettings] = type(stage).Settings  # type: ignore[attr-defined]
        kinds = get_args(settings.model_fields["kind"].annotation)
        assert kinds == (settings.model_fields["kind"].default,)
        given = settings.model_validate({"kind": kinds[0]})
        assert settings.model_validate_json(given.model_dump_json()) == given
