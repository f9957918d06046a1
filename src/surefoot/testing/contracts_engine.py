"""What every search engine must keep: inherit the class, give the fixtures, and pytest runs it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from surefoot.core.errors import ConfigError, SurefootError
from surefoot.core.filters import Comparison, Compound
from surefoot.core.roles import Call
from surefoot.core.types import Query
from surefoot.retrieve.engines import EngineSettings

if TYPE_CHECKING:
    from surefoot.core.roles import Engine

QUESTIONS = (
    "How do I reset the password?",
    "如何重置密码？",
    "",
    "?",
    'a "b" AND (c OR d:*) \\ {{x}} <b> % :name; \u200b',
    "字" * 3000,
)


class EngineContract:
    """Give the fixture `engine`, an open one that finds something for the first two QUESTIONS."""

    @pytest.mark.parametrize("question", QUESTIONS[:2])
    def test_it_finds_passages_in_both_languages(self, engine: Engine, question: str) -> None:
        """Ids begin with its name, spans are those of the text, scores never rise, signals are plain and finite."""
        hits = engine.find(Query(question), 3, Call()).hits
        assert 0 < len(hits) <= 3
        for hit in hits:
            chunk = hit.chunk
            assert chunk.id.startswith(f"{engine.name}:")
            assert chunk.document_id.startswith(f"{engine.name}:")
            assert hit.by == engine.name
            assert chunk.text.strip()
            assert chunk.end - chunk.start == len(chunk.text)
            assert all(type(v) is float and math.isfinite(v) for v in hit.signals.values())
        assert len({hit.chunk.id for hit in hits}) == len(hits)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_any_question_is_a_question(self, engine: Engine, question: str) -> None:
        """Its own syntax in a question, none at all, a very long one."""
        assert len(engine.find(Query(question), 2, Call()).hits) <= 2

    def test_the_same_question_finds_the_same(self, engine: Engine) -> None:
        """Nothing is random."""
        query = Query(QUESTIONS[0])
        assert engine.find(query, 3, Call()) == engine.find(query, 3, Call())

    @pytest.mark.parametrize(
        "filter",
        [
            Comparison("eq", "nobody-knows-this-key", 1),
            Compound("or", (Comparison("gt", "nobody-knows-this-key", 1),) * 2),
        ],
    )
    def test_a_filter_that_it_cannot_apply_is_refused(
        self, engine: Engine, filter: Comparison | Compound
    ) -> None:
        """And never left out silently."""
        with pytest.raises(ConfigError):
            engine.find(Query(QUESTIONS[0], filter=filter), 3, Call())

    def test_it_does_not_begin_after_the_deadline(self, engine: Engine) -> None:
        """A question whose time is used up gets an error that says so, or nothing."""
        late = Call(deadline_s=0.0, clock=lambda: 1.0)
        try:
            assert engine.find(Query(QUESTIONS[0]), 3, late).hits == ()
        except SurefootError as problem:
            assert engine.name in str(problem)

    def test_its_settings_say_a_name_and_who_may_use_it(self, engine: Engine) -> None:
        """They derive from EngineSettings."""
        settings = type(engine).Settings  # type: ignore[attr-defined]
        assert issubclass(settings, EngineSettings)
        assert settings.model_fields["kind"].default
