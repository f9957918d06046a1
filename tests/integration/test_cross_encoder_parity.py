"""Our cross-encoders against transformers on the same random weights. Needs the tune extra."""

import json

import numpy as np
import pytest

from surefoot.models.base import ModelEnv
from surefoot.models.cross_encoder import CrossEncoder, CrossEncoderSettings
from surefoot.testing.tiny_bert import CONFIG, HIDDEN, PLACES, make_tiny_bert

pytestmark = [pytest.mark.tune, pytest.mark.slow]

QUESTIONS = ["reset the password", "如何重置密码"]
TEXTS = ["open the settings", "请重置密码", "a b c " * 40, "x"]
LINES = {
    "bert": ("bert.", (("bert.pooler.dense", HIDDEN, HIDDEN), ("classifier", 1, HIDDEN))),
    "xlm-roberta": (
        "roberta.",
        (("classifier.dense", HIDDEN, HIDDEN), ("classifier.out_proj", 1, HIDDEN)),
    ),
}


@pytest.fixture(params=sorted(LINES))
def folder(request, tmp_path):
    pytest.importorskip("torch", reason="torch is not installed (surefoot[tune])")
    prefix, head = LINES[request.param]
    make_tiny_bert(tmp_path / "m", request.param, prefix, head)
    said = CONFIG | {"model_type": request.param, "num_labels": 1}
    (tmp_path / "m" / "config.json").write_text(json.dumps(said), encoding="utf-8")
    return tmp_path / "m"


@pytest.mark.parametrize("question", QUESTIONS)
def test_logits_equal_those_of_transformers(folder, tmp_path, question):
    import torch
    import transformers

    torch.set_num_threads(1)
    reference = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=torch.float32
    ).eval()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]"
    )
    kinds = reference.config.model_type == "bert"
    room = PLACES - (0 if kinds else 1)
    expected = []
    for text in TEXTS:
        ids = tokenizer(
            question,
            text,
            return_tensors="pt",
            truncation="only_second",
            max_length=room,
            return_token_type_ids=kinds,
        )
        with torch.no_grad():
            expected.append(float(reference(**ids).logits[0, 0]))
    settings = CrossEncoderSettings(model=str(folder), precision="fp32")
    found = CrossEncoder(settings, ModelEnv(tmp_path / "cache", offline=True))
    np.testing.assert_allclose(found.score(question, TEXTS), expected, atol=1e-4)
