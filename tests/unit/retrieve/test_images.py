"""Pictures join the hits by rank; rights, other content and failures leave them out."""

from __future__ import annotations

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import TransientError
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.retrieve.images import ImagesSettings, ImagesStage
from surefoot.testing.contracts_stage import StageContract

QUESTIONS = {"en": "a red circle", "zh": "红色的圆"}


class FakePictures:
    """These pictures are near, or the endpoint is down."""

    def __init__(self, near):
        self.near = near

    def nearest(self, question):
        if isinstance(self.near, Exception):
            raise self.near
        return self.near


class FakeShelf:
    """An index in which each document has one chunk; the hidden ones are out of every scope."""

    def chunks(self, name, *, first, last, scope):
        return [] if name == "hidden" else [chunk(name)]

    def document(self, name, *, scope):
        return type("Held", (), {"digest": "now"})()


def chunk(name):
    return Chunk(f"{name}#0", name, name, 0, len(name))


def stage(near, **settings):
    parts = Parts(
        FakeShelf,
        lambda: None,
        lambda name, adapter="": None,
        Prompts(()).get,
        lambda settings: None,
        pictures=lambda: near if near is None else FakePictures(near),
    )
    return ImagesStage(ImagesSettings(**settings), parts)


def after(near, **settings):
    turn = Turn(Query("red"), (Hit(chunk("text"), 1.0, "search", {"cosine": 0.4}),))
    return stage(near, **settings)(turn, Call())


@pytest.fixture(params=QUESTIONS)
def lang(request):
    return request.param


class TestImages(StageContract):
    @pytest.fixture
    def stage(self):
        return stage([("red", "now", 0.9)])

    @pytest.fixture
    def turn(self, lang):
        return Turn(Query(QUESTIONS[lang]), (Hit(chunk("text"), 1.0, "search"),))


def test_pictures_stand_by_rank_and_say_how_near_they_are():
    turn = after([("red", "now", 0.9), ("blue", "now", 0.2)], weight=2.0)
    assert [hit.chunk.document_id for hit in turn.hits] == ["red", "blue", "text"]
    assert turn.hits[0].signals == {"images_rank": 1.0, "images_cosine": 0.9}
    assert turn.hits[2].signals == {"cosine": 0.4}


def test_a_text_hit_that_is_shown_too_has_both_signals():
    (hit,) = after([("text", "now", 0.9)]).hits
    assert hit.signals == {"cosine": 0.4, "images_rank": 1.0, "images_cosine": 0.9}


def test_what_is_hidden_changed_or_too_far_is_no_hit_and_takes_no_place():
    near = [("hidden", "now", 0.9), ("changed", "before", 0.8), ("red", "now", 0.7)]
    far = [*near, ("blue", "now", 0.1)]
    turn = after(far, least=0.5, limit=2)
    assert {hit.chunk.document_id for hit in turn.hits} == {"text", "red"}
    assert (
        next(h for h in turn.hits if h.by and "images_rank" in h.signals).signals["images_rank"]
        == 1
    )


@pytest.mark.parametrize("near", [None, TransientError("is down", where="http://127.0.0.1")])
def test_without_an_endpoint_that_answers_the_hits_stay_and_a_note_says_so(near):
    turn = after(near)
    assert [hit.chunk.document_id for hit in turn.hits] == ["text"]
    assert [note.stage for note in turn.notes] == ["images"]
