"""Cross-encoder folders of the BERT and the XLM-R line: pairs, cutting, labels, errors."""

import json

import numpy as np
import pytest
from tokenizers import Tokenizer

from surefoot.core.errors import DataError, MissingError
from surefoot.models.base import ModelEnv
from surefoot.models.bert import BertGraph
from surefoot.models.cross_encoder import CrossEncoder, CrossEncoderSettings
from surefoot.testing.tiny_bert import HIDDEN, PLACES, make_tiny_bert

BERT = (("bert.pooler.dense", HIDDEN, HIDDEN), ("classifier", 1, HIDDEN))
ROBERTA = (("classifier.dense", HIDDEN, HIDDEN), ("classifier.out_proj", 1, HIDDEN))
TEXTS = ["reset abc", "密码重置", "a" * 200, "", "x y z 重置"]


@pytest.fixture(params=["bert", "xlm-roberta"])
def folder(request, tmp_path):
    line = request.param == "bert"
    prefix, head = ("bert.", BERT) if line else ("roberta.", ROBERTA)
    make_tiny_bert(tmp_path / "m", request.param, prefix, head)
    return tmp_path / "m"


def opened(folder, tmp_path, **more):
    settings = CrossEncoderSettings(model=str(folder), precision="fp32", **more)
    return CrossEncoder(settings, ModelEnv(tmp_path / "cache", offline=True))


@pytest.mark.parametrize("question", ["reset the password", "如何重置密码"])
def test_a_text_keeps_its_score_in_any_company(folder, tmp_path, question):
    model = opened(folder, tmp_path)
    together = model.score(question, TEXTS)
    alone = [model.score(question, [text])[0] for text in TEXTS]
    np.testing.assert_allclose(together, alone, atol=1e-4)
    assert len({round(score, 4) for score in together}) == len(TEXTS)
    assert model.score(question, []) == []
    model.close()


def test_only_the_text_is_cut(folder, tmp_path):
    model = opened(folder, tmp_path)
    ids, second = model._network._pair("abc", "d " * 100)
    longest = BertGraph(folder).shape.max_tokens
    whole = Tokenizer.from_file(str(folder / "tokenizer.json"))
    whole.no_truncation()
    asked = whole.encode("abc", "d").ids
    assert len(ids) == longest
    assert ids[-1] == asked[-1]
    assert ids[:second] == asked[: asked.index(asked[-1]) + 1]


@pytest.mark.parametrize(
    ("said", "asked", "read"), [(8, None, 8), (8, 6, 6), (10**30, None, PLACES)]
)
def test_pairs_are_as_long_as_the_folder_or_the_setting_says(tmp_path, said, asked, read):
    make_tiny_bert(tmp_path / "m", "bert", "bert.", BERT)
    told = json.dumps({"model_max_length": said})
    (tmp_path / "m" / "tokenizer_config.json").write_text(told, encoding="utf-8")
    model = opened(tmp_path / "m", tmp_path, max_tokens=asked)
    ids, _ = model._network._pair("abc", "d " * 100)
    assert len(ids) == read


def test_a_long_question_leaves_half_for_the_text(folder, tmp_path):
    model = opened(folder, tmp_path)
    near, far = model.score("q " * 200, ["abc", "xyz 密码"])
    assert abs(near - far) > 1e-6
    ids, second = model._network._pair(model._network._shortened("q " * 200), "d " * 100)
    assert second <= PLACES // 2 + 2
    assert len(ids) <= PLACES


def test_the_second_text_is_of_the_second_kind(tmp_path):
    """Question and text in each other's place score differently where the network tells them apart."""
    make_tiny_bert(tmp_path / "m", "bert", "bert.", BERT)
    model = opened(tmp_path / "m", tmp_path)
    ids, second = model._network._pair("a", "b")
    assert (
        ids[second:] == Tokenizer.from_file(str(tmp_path / "m/tokenizer.json")).encode("b").ids[1:]
    )
    plain = model._network._inference.run([ids])
    assert abs(float(plain[0, 0]) - model.score("a", ["b"])[0]) > 1e-4


def test_two_labels_are_told_by_their_difference(tmp_path):
    head = (BERT[0], ("classifier", 2, HIDDEN))
    make_tiny_bert(tmp_path / "m", "bert", "bert.", head)
    model = opened(tmp_path / "m", tmp_path)
    ids, second = model._network._pair("reset", "密码")
    kind = model._network._kind
    logits = model._network._inference.run([ids], second=[second], kind=kind)[0]
    np.testing.assert_allclose(model.score("reset", ["密码"]), [logits[1] - logits[0]], atol=1e-5)


def test_more_labels_are_refused(tmp_path):
    make_tiny_bert(tmp_path / "m", "bert", "bert.", (BERT[0], ("classifier", 3, HIDDEN)))
    with pytest.raises(DataError, match="3 labels"):
        opened(tmp_path / "m", tmp_path).score("a", ["b"])


def test_what_is_no_cross_encoder_says_so(tmp_path):
    with pytest.raises(MissingError, match=r"config\.json"):
        opened(tmp_path / "nothing", tmp_path).score("a", ["b"])
    make_tiny_bert(tmp_path / "m")
    with pytest.raises(DataError, match="classif"):
        opened(tmp_path / "m", tmp_path).score("a", ["b"])
