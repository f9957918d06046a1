import numpy as np
import pytest

from surefoot.core.lang import terms
from surefoot.core.types import Chunk, Hit
from surefoot.generate.evidence import FEATURES, Reading, ask, gather, measure, weights
from surefoot.generate.sentences import Limits
from surefoot.models.embed_hash import HashEncoder, HashSettings

READING = Reading(hits=3, candidates=8, limits=Limits(60, 120))
ENCODER = HashEncoder(HashSettings(dimensions=1024))


def common(wanted):
    """Every term occurs in two of ten passages."""
    return [2 for _ in wanted], 10


def hits(*texts):
    return [
        Hit(Chunk(f"c{i}", f"d{i}", text, 50, 50 + len(text)), 1 / (i + 1), "search")
        for i, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("How tall is the old lighthouse?", "The old lighthouse is forty metres tall."),
        ("灯塔有多高？", "老灯塔高四十米。"),
    ],
)
def test_words_are_covered_from_nothing_to_all(question, passage):
    asked = ask(question, common)
    assert asked.words_covered(frozenset()) == 0
    assert asked.words_covered(frozenset(terms(question))) == 1
    assert 0 < asked.words_covered(frozenset(terms(passage))) <= 1


def test_pairs_across_chinese_words_count_little():
    asked = ask("工程师修理灯塔", common)
    held = frozenset(terms("灯塔由工程师负责。他会修理。"))
    assert asked.words_covered(held) == 1
    assert asked.coverage(held) < 1


def test_rare_words_weigh_more():
    asked = ask(
        "lighthouse keeper", lambda wanted: ([1 if t == "keeper" else 90 for t in wanted], 100)
    )
    assert asked.words_covered(frozenset({"keeper"})) > 0.8


def test_a_question_without_content_covers_nothing():
    assert ask("what is it?", common).words_covered(frozenset({"it"})) == 0


@pytest.mark.parametrize(
    ("question", "texts", "best"),
    [
        (
            "When was the lighthouse built?",
            ("The lighthouse is red. The lighthouse was built in 1887.", "Boats pass by."),
            "The lighthouse was built in 1887.",
        ),
        (
            "灯塔是什么时候建成的？",
            ("灯塔是红色的。灯塔于1887年建成。", "船只经过。"),
            "灯塔于1887年建成。",
        ),
    ],
)
def test_the_likeliest_candidate_comes_first_and_likelihoods_sum_to_one(question, texts, best):
    found = gather(ask(question, common), hits(*texts), ENCODER, READING).candidates
    assert found[0].text == best
    assert sum(candidate.likelihood for candidate in found) == pytest.approx(1)
    assert [c.likelihood for c in found] == sorted((c.likelihood for c in found), reverse=True)
    start, end = found[0].span
    assert texts[0][start - 50 : end - 50] == best


def test_features_are_named_finite_and_bounded_in_number():
    drafts, features, cosines = measure(
        ask("When was it?", common), hits("One. Two. Three. " * 9), ENCODER, READING
    )
    assert features.shape == (READING.candidates, len(FEATURES)) == (len(drafts), len(weights()))
    assert np.isfinite(features).all()
    assert len(cosines) == len(drafts)


def test_without_text_there_are_no_candidates():
    assert gather(ask("灯塔", common), hits("", "# ..."), ENCODER, READING).candidates == ()


def test_a_single_page_does_not_show_which_words_are_rare():
    asked = ask("lighthouse keeper", lambda wanted: ([int(t == "keeper") for t in wanted], 1))
    assert 0.4 < asked.words_covered(frozenset({"keeper"})) < 0.5
