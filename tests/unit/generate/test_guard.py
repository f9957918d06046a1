"""Refusal has a threshold for each language, and a warning where another encoder is in use."""

import numpy as np
import pytest

from surefoot.core.roles import Call
from surefoot.core.types import Chunk, Hit
from surefoot.generate.coefficients import coefficients, fitted_encoder
from surefoot.generate.evidence import READING, ask, gather
from surefoot.generate.guard import (
    SIGNS,
    Guard,
    RefusalSettings,
    doubts,
    logistic,
    shipped_threshold,
)
from surefoot.models.embed_hash import HashEncoder, HashSettings

ENCODER = HashEncoder(HashSettings(dimensions=1024))


def test_each_language_of_the_question_has_its_own_threshold():
    for case in ("same", "across"):
        table = coefficients()[f"refusal_{case}"]
        assert shipped_threshold(case, "How tall is it?") == table["threshold_en"]
        assert shipped_threshold(case, "它有多高？") == table["threshold_zh"]
        assert set(table) == {"bias", "threshold_en", "threshold_zh", *SIGNS}


def test_weights_of_another_encoder_are_doubted():
    own = RefusalSettings(weights={"bias": 0.0}, encoder="one")
    assert doubts(own, "one") == []
    assert "surefoot calibrate" in doubts(own, "other")[0]
    assert doubts(RefusalSettings(weights={"bias": 0.0}), "other") == []
    assert doubts(RefusalSettings(), fitted_encoder()) == []
    assert doubts(RefusalSettings(), f"{fitted_encoder()}+simplified") == []
    assert doubts(RefusalSettings(threshold=0.3), "other")


@pytest.mark.parametrize("question", ["Where do visitors park?", "访客把车停在哪里？"])
def test_a_note_says_that_refusal_was_fitted_for_another_encoder(house, question):
    turn = house.turn(question)
    (note,) = house.quote()(turn, Call()).notes
    assert (note.stage, "another encoder" in note.message) == ("quote", True)
    fitted = {"threshold": 0.1, "weights": {"bias": 1.0}, "encoder": house.encoder.digest}
    assert house.quote(refuse=fitted)(turn, Call()).notes == ()
    assert house.quote(refuse={"threshold": 0})(turn, Call()).notes == ()


@pytest.mark.parametrize(
    ("text", "lang", "threshold"),
    [
        ("app = FastAPI(title='x', docs_url=None)", "zh", "refusal_same"),
        ("app = FastAPI(title='x', docs_url=None)", "other", "refusal_across"),
        ("The app is started with a command.", "en", "refusal_across"),
        ("用命令启动应用。", "zh", "refusal_same"),
    ],
)
def test_code_in_a_chinese_document_is_in_the_language_of_a_chinese_question(text, lang, threshold):
    hits = [Hit(Chunk("c", "d", text, 0, len(text), lang=lang), 1.0, "search", {"cosine": 0.5})]
    question = ask("怎样启动 app 应用？", lambda wanted: ([2 for _ in wanted], 10))
    evidence = gather(question, hits, ENCODER, READING)
    verdict = Guard(RefusalSettings()).judge(evidence, hits)
    table = coefficients()[threshold]
    signs = [[verdict.signs[name] for name in SIGNS]]
    assert verdict.confidence == logistic(table).probability(np.array(signs))[0]
    assert verdict.refused == (verdict.confidence < table["threshold_zh"])
