"""Our encoder against transformers on the same weights. Needs the tune extra."""

import os

import numpy as np
import pytest

from surefoot.config.settings import load_settings
from surefoot.core.errors import SurefootError
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings, read_recipe

pytestmark = [pytest.mark.tune, pytest.mark.slow]

TEXTS = [
    "How do I reset my password?",
    "Open the settings, choose Security, and enter a new password twice.",
    "Résumé — naïve café, ½ cup, 3～5 days (ﬁne print)\u200b…",
    "x",
    "The quick brown fox jumps over the lazy dog. " * 30,
    "怎样重置密码？",
    "打开设置，选择“安全”，然后输入两次新密码。",
    "本合同自二〇二四年三月一日起生效，有效期为１２个月；逾期费用按每日0.05％计算。",
    "如何在Python中读取GB18030编码的CSV文件（3～5天内）？",
    "数据治理是指对企业数据资产进行管理和控制的活动集合。" * 25,
]


@pytest.fixture(scope="module", params=["multilingual-e5-small", "all-minilm-l6-v2"])
def recipe(request):
    pytest.importorskip("torch", reason="torch is not installed (surefoot[tune])")
    settings = load_settings(env=os.environ).settings
    env = ModelEnv(settings.models, settings.offline, threads=1)
    said = LocalSettings(model=request.param)
    try:
        return said, env, read_recipe(said, env)
    except SurefootError as problem:
        pytest.skip(f"the weights are not to be had: {problem}")


@pytest.fixture(scope="module")
def reference(recipe):
    """Unit vectors of the texts by transformers in float32."""
    import torch
    import transformers

    torch.set_num_threads(1)
    _, _, found = recipe
    model = transformers.AutoModel.from_pretrained(
        found.folder, dtype=torch.float32, add_pooling_layer=False
    ).eval()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(found.folder / "tokenizer.json")
    )
    rows = []
    for text in TEXTS:
        ids = tokenizer(
            found.passage_prefix + text,
            return_tensors="pt",
            truncation=True,
            max_length=found.max_tokens,
            padding=False,
            return_token_type_ids=False,
        )
        with torch.no_grad():
            mean = model(**ids).last_hidden_state.mean(1)[0].numpy()
        rows.append(mean / np.linalg.norm(mean))
    return np.array(rows)


@pytest.mark.parametrize(("precision", "least"), [("fp32", 0.9999), ("bf16", 0.999)])
def test_vectors_equal_those_of_transformers(recipe, reference, precision, least, record_property):
    said, env, _ = recipe
    encoder = LocalEncoder(said.model_copy(update={"precision": precision}), env)
    cosines = np.sum(encoder.embed_passages(TEXTS) * reference, axis=1)
    encoder.close()
    record_property("least_cosine", float(cosines.min()))
    assert cosines.min() >= least, dict(zip(TEXTS, cosines, strict=True))
