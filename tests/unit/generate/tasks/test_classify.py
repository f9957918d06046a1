import json

import numpy as np
import pytest

from surefoot.core.errors import ConfigError, DataError, TransientError
from surefoot.core.roles import Call, Likelihoods, Sampling
from surefoot.core.types import Query, Turn, Usage
from surefoot.generate.asking.vectors import vectors_of
from surefoot.generate.tasks.classify import Classify, ClassifySettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
ROWS = {
    "en": [
        ("My card was stolen in the train", "lost card"),
        ("I cannot find my card", "lost card"),
        ("What does a transfer cost", "transfer fee"),
        ("Why was I charged for the transfer", "transfer fee"),
    ],
    "zh": [
        ("我的卡在火车上被偷了", "卡丢失"),
        ("我找不到我的卡了", "卡丢失"),
        ("转账要收多少手续费", "转账费用"),
        ("为什么转账扣了手续费", "转账费用"),
    ],
}
TEXT = {"en": "My card was stolen yesterday", "zh": "我的卡昨天被偷了"}


@pytest.fixture
def classify(parts, tmp_path):
    def made(model, lang, *, corpus=True, **settings):
        lines = [json.dumps({"text": t, "label": c}, ensure_ascii=False) for t, c in ROWS[lang]]
        (tmp_path / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
        stage = Classify(ClassifySettings(model="m", **settings), parts(model, corpus=corpus))
        return stage(Turn(Query(TEXT[lang], lang)), Call())

    return made


def labels(lang):
    return tuple(dict.fromkeys(label for _, label in ROWS[lang]))


@BOTH
def test_the_answer_is_the_label_alone(lang, classify):
    model = FakeChat([json.dumps({"label": labels(lang)[0]})])
    answer = classify(model, lang, labels=labels(lang)).answer
    assert answer.text == answer.value == labels(lang)[0]
    ((messages, sampling),) = model.asked
    assert sampling.schema["properties"]["label"]["enum"] == list(labels(lang))
    assert all(label in messages[-1].content for label in labels(lang))


@BOTH
def test_a_reply_that_is_no_label_is_refused_after_a_second_try(lang, classify):
    model = FakeChat(["dogs"])
    turn = classify(model, lang, labels=labels(lang))
    assert turn.answer.refused
    assert len(model.asked) == 2


@BOTH
@pytest.mark.parametrize("corpus", [True, False])
def test_the_nearest_rows_vote_without_a_model(lang, corpus, classify):
    answer = classify(
        None, lang, corpus=corpus, method="nearest", examples={"file": "rows.jsonl"}, neighbours=3
    ).answer
    assert answer.text == labels(lang)[0]
    assert 0.5 < answer.confidence <= 1


@BOTH
def test_the_nearest_rows_choose_where_the_model_fails(lang, classify):
    turn = classify(
        FakeChat([TransientError("status 503")]),
        lang,
        examples={"file": "rows.jsonl"},
        candidates=2,
    )
    assert turn.answer.text == labels(lang)[0]
    assert any("nearest labelled examples chose" in note.message for note in turn.notes)


def test_examples_are_shown_and_candidates_cut_the_list(classify):
    model = FakeChat(['{"label": "lost card"}'])
    rows = {"file": "rows.jsonl", "mode": "nearest", "count": 2}
    classify(model, "en", examples=rows, labels=("lost card", "transfer fee", "food"))
    messages = model.asked[0][0]
    assert [message.role for message in messages] == ["user", "assistant"] * 2 + ["user"]
    assert messages[1].content == '{"label": "lost card"}'


def test_an_unlikely_label_is_not_given(classify):
    turn = classify(
        None, "en", method="nearest", examples={"file": "rows.jsonl"}, threshold=1.0, neighbours=4
    )
    assert turn.answer.refused
    assert "likely enough" in turn.answer.text


def test_labels_come_from_a_file(classify, tmp_path):
    (tmp_path / "labels.txt").write_text("lost card\n\nfood\n", encoding="utf-8")
    model = FakeChat(['{"label": "food"}'])
    assert classify(model, "en", labels_file="labels.txt").answer.text == "food"
    (tmp_path / "labels.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match="names no label"):
        classify(model, "en", labels_file="labels.txt")


@pytest.mark.parametrize("settings", [{}, {"method": "nearest", "labels": ("a",)}])
def test_settings_that_name_nothing_to_choose_from_are_refused(settings, parts):
    with pytest.raises(ConfigError, match="needs"):
        Classify(ClassifySettings(model="m", **settings), parts())


def test_vectors_of_many_rows_are_kept_and_a_damaged_file_is_made_again(tmp_path):
    class Counting(HashEncoder):
        calls = 0

        def embed_queries(self, texts):
            self.calls += 1
            return super().embed_queries(texts)

    encoder = Counting(HashSettings())
    texts = [f"text {i}" for i in range(200)]
    first = vectors_of(texts, encoder, tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert np.array_equal(vectors_of(texts, encoder, tmp_path), first)
    assert encoder.calls == 1
    file.write_bytes(b"damaged")
    assert np.array_equal(vectors_of(texts, encoder, tmp_path), first)
    assert encoder.calls == 2


class FakeScoring(FakeChat):
    """Finds one letter likelier than the others."""

    def __init__(self, likely, *, told=True):
        super().__init__([""])
        self._likely, self._told = likely, told

    def choice_logprobs(self, messages, choices, /):
        self.asked.append((tuple(messages), Sampling()))
        blank = "N/A" in messages[-1].content
        favourite = "A" if blank else self._likely  # A is likely whatever the text is
        logprobs = tuple(0.0 if choice == favourite else -1.0 for choice in choices)
        return Likelihoods(logprobs, Usage(5, 1, calls=1), self._told)


@BOTH
def test_letters_tell_how_likely_a_label_is(lang, classify):
    model = FakeScoring("B")
    answer = classify(model, lang, labels=labels(lang), method="letters").answer
    assert answer.text == labels(lang)[1]
    assert answer.confidence == pytest.approx(1 / (1 + np.exp(-2)))
    assert answer.usage.calls == 2
    assert f"B: {labels(lang)[1]}" in model.asked[0][0][0].content


def test_letters_need_a_model_that_tells_and_26_labels_at_most(classify):
    assert classify(FakeChat(["A"]), "en", labels=labels("en"), method="letters").answer.refused
    many = tuple(f"label {i}" for i in range(27))
    assert classify(FakeScoring("A"), "en", labels=many, method="letters").answer.refused
