"""A base with adapters in torch: switched in place, off without a trace, mixed in one batch."""

from __future__ import annotations

from time import perf_counter

import pytest

pytest.importorskip("torch")

from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.roles import Message, Sampling
from surefoot.tune.chat.base_model import load_base
from surefoot.tune.chat.replies import TorchChat

pytestmark = [
    pytest.mark.tune,
    pytest.mark.filterwarnings("ignore:.*checkpointing. is deprecated:FutureWarning"),  # in peft
]
SAMPLING = Sampling(max_tokens=12)
ASKED = [
    [Message("user", "What is a ticket to Alder?")],
    [Message("system", "Say it in house format."), Message("user", "文岛的票价是多少？")],
    [Message("user", "Who built the harbour of Birch, and when was it built?")],
    [Message("user", "桦林镇")],
]


@pytest.fixture(scope="module")
def adapters(tmp_path_factory, base, env):
    """Two adapters of random weights, strong enough to change replies."""
    import torch
    from peft import LoraConfig, get_peft_model

    made = {}
    for seed, name in enumerate(("house", "文风"), start=1):
        torch.manual_seed(seed)
        model, _ = load_base(str(base), env)
        config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
        adapted = get_peft_model(model, config)
        for parameter, values in adapted.named_parameters():
            if "lora_B" in parameter:
                torch.nn.init.normal_(values, std=0.3)
        made[name] = tmp_path_factory.mktemp(f"adapter{seed}")
        adapted.save_pretrained(made[name])
    return made


@pytest.fixture
def chat(base, env, adapters):
    return TorchChat(str(base), env, adapters)


def test_a_switch_takes_less_than_ten_milliseconds(chat):
    times = []
    for name in ("house", "文风", None) * 5:
        began = perf_counter()
        chat.use(name)
        times.append(perf_counter() - began)
    assert sorted(times)[len(times) // 2] < 0.01


def test_each_adapter_changes_replies_and_off_it_is_the_base(chat, base, env):
    plain = [TorchChat(str(base), env).reply_ids(asked, 12) for asked in ASKED]
    said = {}
    for name in ("house", "文风"):
        chat.use(name)
        said[name] = [chat.reply_ids(asked, 12) for asked in ASKED]
    chat.use(None)
    assert [chat.reply_ids(asked, 12) for asked in ASKED] == plain
    assert said["house"] != plain != said["文风"] != said["house"]


def test_without_its_adapters_the_numbers_are_those_of_the_base_to_the_bit(chat, base, env):
    import torch

    model, tokenizer = load_base(str(base), env)
    ids = torch.tensor([tokenizer("What is a ticket to 文岛?")["input_ids"]])
    chat.use("house")
    chat.use(None)
    with torch.inference_mode(), chat._peft.disable_adapter():
        assert torch.equal(chat._peft(ids).logits, model.eval()(ids).logits)


def test_a_mixed_batch_answers_as_single_questions_do(chat):
    names = ["house", None, "文风", "house"]
    mixed = chat.chat_many(ASKED, SAMPLING, names)
    for asked, name, reply in zip(ASKED, names, mixed, strict=True):
        chat.use(name)
        assert chat.chat(asked, SAMPLING) == reply


def test_a_batch_in_one_voice_answers_as_single_questions_do(chat):
    for name in (None, "文风"):
        chat.use(name)
        single = [chat.chat(asked, SAMPLING) for asked in ASKED]
        assert chat.chat_many(ASKED, SAMPLING) == single


def test_what_is_not_there_or_not_possible_is_said(chat):
    with pytest.raises(MissingError, match="there is no adapter 'other'"):
        chat.use("other")
    with pytest.raises(ConfigError, match="greedy"):
        chat.chat(ASKED[0], Sampling(temperature=0.7))


def test_text_is_counted_streamed_and_stopped(chat):
    heard = []
    reply = chat.chat(ASKED[0], SAMPLING, heard.append)
    assert heard == [reply.text] and reply.usage.completion_tokens <= 12
    assert chat.count_tokens("文岛") > 0 and chat.context_tokens == 512
    stop = reply.text[2:4]
    cut = chat.chat(ASKED[0], Sampling(max_tokens=12, stop=(stop,)))
    assert stop not in cut.text and cut.finish == "stop"
    chat.close()
