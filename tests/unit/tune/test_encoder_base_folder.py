"""A base is told to sentence-transformers as it serves here: special tokens, pooling, prefixes, length."""

import json

from surefoot.models.base import ModelEnv
from surefoot.testing.tiny_bert import PLACES, make_tiny_bert
from surefoot.tune.encoder.base_folder import prepare_base


def test_what_serves_is_what_is_trained(tmp_path):
    base, folder = tmp_path / "base", tmp_path / "job" / "base"
    make_tiny_bert(base)
    (base / "1_Pooling").mkdir()
    (base / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}')
    prompts = '{"prompts": {"query": "问：", "passage": "答："}}'
    (base / "config_sentence_transformers.json").write_text(prompts, encoding="utf-8")
    for _ in range(2):
        found = prepare_base(str(base), ModelEnv(tmp_path / "cache"), folder)
    tokenizer = read(folder / "tokenizer_config.json")
    assert (tokenizer["cls_token"], tokenizer["sep_token"]) == ("[CLS]", "[SEP]")
    assert (tokenizer["pad_token"], tokenizer["unk_token"]) == ("[PAD]", "[UNK]")
    assert tokenizer["model_max_length"] == PLACES
    assert read(folder / "1_Pooling" / "config.json")["pooling_mode"] == "cls"
    assert read(folder / "config_sentence_transformers.json")["prompts"] == found.prompts
    assert found.prompts == {"query": "问：", "passage": "答："}
    assert (folder / "model.safetensors").resolve() == (base / "model.safetensors").resolve()


def read(file):
    return json.loads(file.read_text(encoding="utf-8"))
