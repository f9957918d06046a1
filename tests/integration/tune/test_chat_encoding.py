"""Rows as tokens: what trl makes of them too, with every mark once, and loads of bases that are refused."""

from __future__ import annotations

import json
import shutil

import pytest

pytest.importorskip("torch")

from surefoot.core.errors import DataError, MissingError
from surefoot.tune.chat.base_model import base_folder, load_base, load_tokenizer
from surefoot.tune.chat.encoding import IGNORED, encode_row, show_row
from surefoot.tune.export.model_gguf import write_model
from surefoot.tune.rows import ChatRow, ChatTurn

pytestmark = [
    pytest.mark.tune,
    pytest.mark.filterwarnings("ignore:.*checkpointing. is deprecated:FutureWarning"),  # in peft
]
ROWS = [
    ChatRow(
        id="en",
        prompt=(
            ChatTurn(role="system", content="Answer in house format."),
            ChatTurn(role="user", content="What is a ticket?"),
        ),
        completion="price[12]",
    ),
    ChatRow(
        id="zh",
        prompt=(
            ChatTurn(role="user", content="你好"),
            ChatTurn(role="assistant", content="你好！"),
            ChatTurn(role="user", content="文岛的票价？"),
        ),
        completion="价格[十二]",
    ),
]


@pytest.fixture(scope="module")
def tokenizer(base, env):
    return load_tokenizer(str(base), env)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_only_the_answer_and_its_end_are_learnt(row, tokenizer):
    encoded = encode_row(row, tokenizer)
    learnt = [token for token, label in zip(encoded.ids, encoded.labels, strict=True) if label >= 0]
    assert tokenizer.decode(learnt) == f"{row.completion}<|im_end|>\n"
    assert encoded.labels.count(IGNORED) == encoded.start
    pieces = show_row(encoded, tokenizer)
    assert [learn for _, learn in pieces] == [label != IGNORED for label in encoded.labels]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_marks_of_begin_and_end_stand_once(row, tokenizer):
    text = tokenizer.decode(list(encode_row(row, tokenizer).ids))
    assert text.count("<|im_start|>") == text.count("<|im_end|>") == len(row.prompt) + 1
    assert text.startswith("<|im_start|>") and text.endswith("<|im_end|>\n")


def test_a_tokenizer_that_adds_a_mark_by_itself_does_not_double_it(tmp_path, base, env):
    """As a llama tokenizer does: its template writes the mark, and the tokenizer would add it once more."""
    from tokenizers.processors import TemplateProcessing

    folder = shutil.copytree(base, tmp_path / "base")
    tokenizer = load_tokenizer(str(folder), env)
    mark = tokenizer.convert_tokens_to_ids("<|im_start|>")
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", mark)]
    )
    assert tokenizer("a")["input_ids"][0] == mark
    ids = encode_row(ROWS[0], tokenizer).ids
    assert ids[0] == mark and ids[1] != mark


def test_trl_makes_the_same_tokens_and_labels(tmp_path, base, env):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    model, tokenizer = load_base(str(base), env)
    given = [
        {
            "prompt": [turn.model_dump() for turn in row.prompt],
            "completion": [{"role": "assistant", "content": row.completion}],
        }
        for row in ROWS
    ]
    trainer = SFTTrainer(
        model=model,
        processing_class=tokenizer,
        train_dataset=Dataset.from_list(given),
        args=SFTConfig(
            output_dir=str(tmp_path),
            use_cpu=True,
            bf16=False,
            activation_checkpointing=False,
            report_to=[],
        ),
    )
    for row, made in zip(ROWS, trainer.train_dataset, strict=True):
        own = encode_row(row, tokenizer)
        assert (list(own.ids), own.labels) == (made["input_ids"], made["labels"])


def test_a_template_that_says_the_prompt_otherwise_is_refused(base, env):
    tokenizer = load_tokenizer(str(base), env)
    tokenizer.chat_template = (
        "{% for m in messages %}{{ messages | length }}{{ m['content'] }}{% endfor %}"
    )
    with pytest.raises(DataError, match="says the prompt otherwise"):
        encode_row(ROWS[0], tokenizer)


def test_a_gguf_file_is_made_plain_once_and_is_the_same_model(tmp_path, base, env):
    import torch

    file = tmp_path / "base.gguf"
    write_model(base, None, file, "f16")
    first = base_folder(str(file), env)
    model, tokenizer = load_base(str(file), env)
    assert base_folder(str(file), env) == first and first.parent == env.cache
    config = json.loads((first / "config.json").read_text(encoding="utf-8"))
    assert "quantization_config" not in config
    plain, own = load_base(str(base), env)
    text = "What is a ticket to 文岛, and what is 12 + 30?"
    assert tokenizer(text)["input_ids"] == own(text)["input_ids"]
    assert tokenizer.chat_template == own.chat_template
    ids = torch.tensor([own(text)["input_ids"]])
    with torch.inference_mode():
        assert torch.allclose(model.eval()(ids).logits, plain.eval()(ids).logits, atol=0.1)


def test_bases_that_may_run_code_or_cannot_chat_are_refused(tmp_path, base, env):
    with pytest.raises(MissingError, match="there is no chat model"):
        load_base("no-such-model", env)
    bare = shutil.copytree(base, tmp_path / "bare")
    (bare / "chat_template.jinja").unlink()
    with pytest.raises(DataError, match="no chat template"):
        load_base(str(bare), env)
    old = shutil.copytree(base, tmp_path / "old")
    (old / "model.safetensors").rename(old / "pytorch_model.bin")
    with pytest.raises(DataError, match="holds no safetensors"):
        load_base(str(old), env)
    strange = shutil.copytree(base, tmp_path / "strange")
    config = json.loads((strange / "config.json").read_text(encoding="utf-8"))
    config["model_type"] = "unheard_of"
    (strange / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(DataError, match="is not a causal language model"):
        load_base(str(strange), env)
