"""The stage that reranks, its thresholds, and the reranker without a model."""

from dataclasses import replace

import numpy as np
import pytest

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, TransientError
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.models.base import ModelEnv
from surefoot.retrieve.rerank.features import FEATURES, ask, measure, nearness
from surefoot.retrieve.rerank.relevance import Calibration, judged, relevance
from surefoot.retrieve.rerank.rerank import Rerank, RerankSettings
from surefoot.retrieve.rerank.rerank_features import FeatureReranker, FeatureSettings
from surefoot.retrieve.rerank.texts import whole_text
from surefoot.testing.contracts_models import HitScorerContract
from surefoot.testing.contracts_stage import StageContract

TEXTS = {
    "en": [
        "Our account of the year: every page has a new typeface.",
        "Reset your password on the account page.",
        "Lunch is served at noon.",
    ],
    "zh": ["账户重新设置了页面，密封的码头。", "在账户页面重置密码。", "中午供应午餐。"],
}
QUESTIONS = {"en": "How do I reset my password?", "zh": "如何重置密码？"}


class Counts:
    """An index of ten chunks, in which each term occurs twice."""

    def frequencies(self, terms):
        return [2] * len(terms), 10


class Plain:
    """Likes long texts."""

    def score(self, query, texts):
        return [float(len(text)) for text in texts]

    def close(self):
        pass


class Busy(Plain):
    def score(self, query, texts):
        raise TransientError("the reranking server is busy")


def parts(reranker=None):
    made = reranker or FeatureReranker(FeatureSettings(), None)
    return Parts(Counts, None, None, None, None, reranker=lambda settings: made)


def hits(lang, texts=None):
    return tuple(
        Hit(Chunk(f"c{i}", f"d{i}", text, 0, len(text)), 1 - i * i / 10, "search", {"cosine": 0.8})
        for i, text in enumerate(texts or TEXTS[lang])
    )


def turn(lang, texts=None):
    return Turn(Query(QUESTIONS[lang], lang), hits(lang, texts))


def order(after):
    return [hit.chunk.id for hit in after.hits]


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


class TestRerankContract(StageContract):
    @pytest.fixture
    def stage(self):
        return Rerank(RerankSettings(), parts())

    @pytest.fixture
    def turn(self, lang):
        return turn(lang)


class TestFeaturesContract(HitScorerContract):
    @pytest.fixture
    def scorer(self, tmp_path):
        return FeatureReranker(FeatureSettings(), ModelEnv(tmp_path))

    @pytest.fixture
    def parts(self):
        return parts()


def test_the_passage_with_the_words_comes_first(lang):
    after = Rerank(RerankSettings(), parts())(turn(lang), Call())
    assert order(turn(lang))[0] == "c0"
    assert order(after)[0] == "c1"
    best = after.hits[0]
    assert best.by == "rerank"
    assert {"cosine", "rerank", "words", "nearness", "relevance"} <= set(best.signals)
    assert [hit.score for hit in after.hits] == sorted((h.score for h in after.hits), reverse=True)


def test_only_the_depth_is_scored_and_the_rest_follows():
    stage = Rerank(RerankSettings(depth=2), parts(Plain()))
    after = stage(turn("en", ["a", "bbb", "cccccc"]), Call())
    assert order(after) == ["c1", "c0", "c2"]
    assert "rerank" not in after.hits[2].signals


def test_kept_are_as_many_as_are_wanted():
    stage = Rerank(RerankSettings(keep=1), parts(Plain()))
    assert order(stage(turn("en", ["a", "bbb"]), Call())) == ["c1"]
    assert order(stage(turn("en", ["a", "bbb"]), Call(limit=2))) == ["c1", "c0"]


def test_a_share_keeps_some_of_the_former_order():
    before = turn("en", ["aaa", "bb", "cccccc"])
    whole = Rerank(RerankSettings(), parts(Plain()))(before, Call())
    part = Rerank(RerankSettings(share=0.1), parts(Plain()))(before, Call())
    assert order(whole)[0] == "c2"
    assert order(part)[0] == "c0"
    assert part.hits[0].score == pytest.approx(0.9 + 0.1 * 0.25)


def test_a_reranker_that_is_down_leaves_the_order_and_says_so():
    after = Rerank(RerankSettings(), parts(Busy()))(turn("en"), Call())
    assert after.hits == turn("en").hits
    assert "busy" in after.notes[0].message


def test_no_hits_ask_nothing():
    nothing = Turn(Query("a"))
    assert Rerank(RerankSettings(), parts(Busy()))(nothing, Call()) == nothing


def test_below_the_threshold_hits_are_dropped_with_a_note(lang):
    every = Rerank(RerankSettings(), parts())(turn(lang), Call())
    best, *others = [hit.signals["relevance"] for hit in every.hits]
    assert best > max(others)
    stage = Rerank(RerankSettings(threshold=(best + max(others)) / 2), parts())
    after = stage(turn(lang), Call())
    assert order(after) == ["c1"]
    assert "2 hits are below" in after.notes[0].message


def test_all_may_be_dropped(lang):
    stage = Rerank(RerankSettings(threshold=1.0), parts())
    assert stage(turn(lang), Call()).hits == ()


def test_a_threshold_needs_a_calibration(tmp_path):
    own = FeatureSettings(weights={"words": 1.0})
    with pytest.raises(ConfigError, match="calibration") as caught:
        Rerank(RerankSettings(by=own, threshold=0.5), parts())
    assert "surefoot learn rerank" in caught.value.hint
    given = Calibration(bias=-2, weights={"rerank": 4.0})
    Rerank(RerankSettings(by=own, threshold=0.5, calibration=given), parts())


def test_relevance_is_the_logistic_of_the_signals():
    said = [{"rerank": 1.0, "lead": 0.5}, {"rerank": 0.5}]
    found = relevance(Calibration(bias=-1, weights={"rerank": 2.0, "lead": 1.0}), said)
    np.testing.assert_allclose(found, [1 / (1 + np.exp(-1.5)), 0.5])


def test_the_lead_is_over_the_best_other_hit_and_scripts_are_told():
    told = [
        replace(hit, signals={"rerank": s}) for hit, s in zip(hits("en"), (3, 1, 2), strict=True)
    ]
    assert [one["lead"] for one in judged("password", told)] == [1, -2, -1]
    assert {one["across"] for one in judged("重置密码", told)} == {1.0}
    assert {one["across"] for one in judged("password", told)} == {0.0}


def test_every_feature_can_change_the_order(lang):
    texts = {
        "words": ("reset now", "password reset"),
        "sentence": ("Reset it. A password.", "Reset the password. Well."),
        "nearness": ("reset one two three password", "one two three reset password"),
        "phrase": ("password my reset", "reset my password"),
    }
    if lang == "zh":
        texts = {
            "words": ("请重置。", "请重置密码。"),
            "sentence": ("重置。密码。", "重置密码。好的。"),
            "nearness": ("重置账户页面的内容密码", "账户页面的内容重置密码"),
            "phrase": ("密码和重置", "重置密码好"),
        }
    asked = ask(QUESTIONS[lang], Counts().frequencies)
    for name, pair in texts.items():
        low, high = measure(asked, hits(lang, pair))[:, FEATURES.index(name)]
        assert low < high, name


def test_titles_and_headings_count(lang):
    title = {"en": "Reset password", "zh": "重置密码"}[lang]
    plain, *_ = hits(lang, ["x"])
    named = replace(plain, chunk=replace(plain.chunk, id="named", title=title))
    asked = ask(QUESTIONS[lang], Counts().frequencies)
    rows = measure(asked, [plain, named])
    for name in ("title", "title_match", "words"):
        column = rows[:, FEATURES.index(name)]
        assert column[0] == 0 < column[1], name


def test_nearness_is_of_the_smallest_span_with_all():
    asked = ask("alpha beta", Counts().frequencies)
    assert nearness(asked, ["beta", "alpha", "x"]) == pytest.approx(1)
    assert nearness(asked, ["alpha", "x", "x", "x", "x", "x", "beta", "alpha"]) == pytest.approx(1)
    assert nearness(asked, ["alpha", "x", "x", "x", "x", "x", "x", "beta"]) == pytest.approx(0.5)
    assert nearness(asked, ["alpha", "x"]) == pytest.approx(0.5)
    assert nearness(asked, []) == 0


def test_weights_are_of_features_only():
    with pytest.raises(ConfigError, match="nothing else"):
        settings(by={"kind": "features", "weights": {"luck": 1.0}})


def settings(**raw):
    return parse(RerankSettings, {"kind": "rerank", **raw}, Registry(), where="solution")


def test_rerankers_nest_in_a_solution_file():
    made = settings(by={"kind": "late-interaction"}, depth=5)
    assert made.by.kind == "late-interaction"
    with pytest.raises(ConfigError, match="unknown reranker"):
        settings(by={"kind": "oracle"})


def test_a_reranker_reads_titles_once():
    chunk = Chunk("c", "d", "Passwords\nReset them.", 0, 10, headings=("Help",), title="Passwords")
    assert whole_text(chunk) == "Help\nPasswords\nReset them."
    assert whole_text(replace(chunk, title="Pass")) == "Pass\nHelp\nPasswords\nReset them."
    assert whole_text(replace(chunk, title="密", text="密码")) == "密\nHelp\n密码"
