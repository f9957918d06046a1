"""The tuners of chat models on a tiny base: what is learnt, from what, and what is left behind."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest

pytest.importorskip("torch")

from transformers import AutoModelForCausalLM

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, DataError
from surefoot.core.roles import Message, Sampling
from surefoot.optimize.train import Order, foresee
from surefoot.tune.artefact import check_files
from surefoot.tune.chat import training
from surefoot.tune.chat.replies import TorchChat
from surefoot.tune.rows import TuningRows, read_rows
from surefoot.tune.spec import JobSpec

pytestmark = [
    pytest.mark.tune,
    pytest.mark.filterwarnings("ignore:.*checkpointing. is deprecated:FutureWarning"),  # in peft
    pytest.mark.filterwarnings("ignore:Position ids are not supported:UserWarning"),
]
QUICK = {"epochs": 2, "batch": 4, "learning_rate": 0.01, "precision": "float32"}
ASKED = [Message("user", "What is a ticket to Alder? 0")]
OTHER = [Message("user", "文岛")]
SAMPLING = Sampling(max_tokens=12)


def trained(out, base, rows, env, tuner, events=None, **more):
    raw = {"name": "tiny", "tuner": tuner, "base": str(base), "rows": str(rows)} | more
    spec = parse(JobSpec, raw, Registry(), where="test")
    out.mkdir(parents=True, exist_ok=True)
    part = Registry().part_class("tuner", spec.tuner.kind)()
    heard = events if events is not None else []
    given = rows if isinstance(rows, TuningRows) else read_rows(rows)
    return part.train(spec, given, out, env, heard.append)


@pytest.mark.parametrize("kind", ["lora", "full"])
def test_what_a_training_takes_is_said_before_and_holds(tmp_path, base, rows, env, kind):
    order = Order("tiny", {"kind": kind, **QUICK}, str(base), rows)
    ahead = foresee(order, env).to_json()
    assert ahead["seconds"] > 0 and ahead["mib"] > 0
    card = trained(tmp_path / "job", base, read_rows(rows), env, {"kind": kind, **QUICK})
    assert ahead["steps"] == card.expense.steps
    assert ahead["tokens"] == pytest.approx(card.expense.train_tokens, rel=0.2)


@pytest.mark.parametrize(
    "settings",
    [
        {"method": "lora", "rank": 4},
        {"method": "lora", "rank": 4, "targets": ["q_proj", "v_proj"], "dropout": 0.1},
        {"method": "dora", "rank": 4},
        {"method": "rslora", "rank": 4},
        {"method": "ia3"},
        {"method": "prompt", "virtual_tokens": 4},
    ],
    ids=["lora", "targets", "dora", "rslora", "ia3", "prompt"],
)
def test_each_method_lowers_the_loss_and_changes_the_answer(tmp_path, base, rows, env, settings):
    heard = []
    rate = 0.5 if settings["method"] == "prompt" else 0.03
    tuner = {"kind": "lora", **QUICK, **settings, "learning_rate": rate}
    card = trained(tmp_path / "job", base, rows, env, tuner, heard)
    losses = [event.dev_loss for event in heard if event.dev_loss is not None]
    assert losses[-1] < losses[0] and card.dev_loss == min(losses)
    assert card.dev_loss_untrained == losses[0] and not card.no_gain
    assert card.kind == "adapter" and card.method == settings["method"]
    assert check_files(tmp_path / "job") == card
    chat = TorchChat(str(base), env, {"tiny": tmp_path / "job" / "peft"})
    before = chat.reply_ids(ASKED, 12)
    chat.use("tiny")
    after = chat.reply_ids(ASKED, 12)
    chat.use(None)
    assert before != after and chat.reply_ids(ASKED, 12) == before
    assert before == TorchChat(str(base), env).reply_ids(ASKED, 12)
    mixed = chat.chat_many([ASKED, OTHER, ASKED], SAMPLING, ["tiny", "tiny", None])
    chat.use("tiny")
    assert mixed[:2] == [chat.chat(ASKED, SAMPLING), chat.chat(OTHER, SAMPLING)]


def test_all_weights_are_trained_and_load_as_a_base(tmp_path, base, rows, env):
    tuner = {"kind": "full", **QUICK}
    card = trained(tmp_path / "job", base, rows, env, tuner)
    assert card.kind == "weights" and card.expense.trainable > 50_000
    assert card.expense.steps == 12 and card.expense.train_tokens > 0
    plain = TorchChat(str(base), env).chat(ASKED, SAMPLING)
    assert TorchChat(str(tmp_path / "job"), env).chat(ASKED, SAMPLING) != plain
    again = trained(tmp_path / "second", tmp_path / "job", rows, env, tuner)
    assert again.dev_loss < card.dev_loss


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(tmp_path, base, rows, env):
    tuner = {"kind": "lora", **QUICK, "rank": 4, "dropout": 0.1}
    first, second, other = (
        trained(tmp_path / name, base, rows, env, tuner, seed=seed).files
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    weights = "peft/adapter_model.safetensors"
    assert first[weights] == second[weights] != other[weights]


def test_the_template_travels_with_the_adapter_and_is_named(tmp_path, base, rows, env):
    card = trained(tmp_path / "job", base, rows, env, {"kind": "lora", **QUICK, "epochs": 0.5})
    kept = (tmp_path / "job/peft/chat_template.jinja").read_text(encoding="utf-8")
    assert kept == (base / "chat_template.jinja").read_text(encoding="utf-8")
    assert len(card.template_digest) == 64 and card.versions["trl"]
    assert card.langs == ("en", "zh") and card.rows_used == 30


def test_what_is_learnt_of_the_first_row_is_shown_before_training(tmp_path, base, rows, env):
    heard = []
    trained(tmp_path / "job", base, rows, env, {"kind": "lora", **QUICK, "epochs": 0.2}, heard)
    shown = json.loads((tmp_path / "job/first_row.json").read_text(encoding="utf-8"))
    learnt = "".join(text for text, learn in shown["tokens"] if learn)
    assert learnt.startswith("name[Alder], price[0]<|im_end|>")
    words = [event.message for event in heard if event.message]
    assert "learnt" in words[0] and "tokens/s" in words[1]


def test_rows_that_would_be_cut_are_named_and_stop_the_training(tmp_path, base, env, house):
    rows = house()
    long = rows[0].model_copy(update={"id": "长", "completion": "票价 " * 300})
    given = TuningRows.of([*rows, long])
    tuner = {"kind": "lora", **QUICK, "epochs": 0.2, "max_tokens": 100}
    with pytest.raises(DataError, match=r"1 of 25 rows have more than 100 tokens.*长"):
        trained(tmp_path / "job", base, given, env, tuner)
    heard = []
    card = trained(tmp_path / "two", base, given, env, {**tuner, "long_share": 0.05}, heard)
    assert card.rows_left_out == ("长",) and card.rows_used == 24
    assert any("left out: 长" in event.message for event in heard)


def test_it_stops_where_the_dev_rows_gain_nothing_and_keeps_the_best(tmp_path, base, rows, env):
    heard = []
    tuner = {"kind": "lora", **QUICK, "epochs": 40, "learning_rate": 0.03, "patience": 2}
    odd = TuningRows.of([  # what is learnt from the others makes these less likely
        row.model_copy(update={"completion": "XQZ JVK 夔魑"}) if row.split == "dev" else row
        for row in read_rows(rows).rows
    ])  # fmt: skip
    card = trained(tmp_path / "job", base, odd, env, tuner, heard)
    losses = [event.dev_loss for event in heard if event.dev_loss is not None]
    assert 2 < len(losses) < 40 and card.dev_loss == min(losses)
    assert min(losses[:-2]) <= min(losses[-2:])


def test_a_training_that_harms_says_so(tmp_path, base, rows, env):
    heard = []
    tuner = {"kind": "full", **QUICK, "epochs": 1, "learning_rate": 3.0}
    card = trained(tmp_path / "job", base, rows, env, tuner, heard)
    assert card.dev_loss > card.dev_loss_untrained and "try a lower learning_rate" in card.no_gain
    assert [event.message for event in heard if event.message][-1] == card.no_gain


def test_micro_batches_and_packing_learn_the_same_as_whole_batches(tmp_path, base, rows, env):
    tuner = {"kind": "full", **QUICK, "batch": 8, "epochs": 1, "learning_rate": 1e-3}
    losses = [
        trained(tmp_path / name, base, rows, env, {**tuner, **more}).dev_loss
        for name, more in (
            ("whole", {"micro_tokens": 8192}),
            ("parts", {"micro_tokens": 80}),
            ("packed", {"micro_tokens": 80, "packing": True}),
        )
    ]
    assert losses[1:] == pytest.approx([losses[0]] * 2, rel=1e-4)


@pytest.mark.parametrize("virtual", [0, 4], ids=["plain", "prompt-tuned"])
def test_logits_are_made_of_learnt_tokens_alone_and_give_the_whole_loss(base, virtual):
    import peft
    import torch

    from surefoot.tune.chat.trainer import _summed_loss

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    if virtual:
        told = peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=virtual)
        model = peft.get_peft_model(model, told)
    ids = torch.randint(5, 60, (3, 14), generator=torch.Generator().manual_seed(1))
    labels = ids.clone()
    labels[0, :9], labels[1, :4], labels[2, :6] = -100, -100, -100
    labels[1, 10:] = -100  # the row is shorter: padding
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    seen = []
    hook = model.get_output_embeddings().register_forward_hook(lambda _, __, out: seen.append(out))
    loss, count = _summed_loss(model, {"input_ids": ids, "attention_mask": mask, "labels": labels})
    hook.remove()
    assert count == (labels != -100).sum() == len(seen[0]) and loss.requires_grad
    whole = model(input_ids=ids, attention_mask=mask).logits[:, virtual:]
    flat = torch.nn.functional.cross_entropy(
        whole[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
    )
    assert loss.item() == pytest.approx(flat.item(), rel=1e-5)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_inputs_of_adapters_are_left_as_they_are_computed_and_learn_the_same(
    tmp_path, base, rows, env, monkeypatch, precision
):
    tuner = {"kind": "lora", **QUICK, "rank": 4, "precision": precision}
    left = trained(tmp_path / "left", base, rows, env, tuner).files
    monkeypatch.setattr(training, "_as_computed", lambda _: nullcontext())
    cast = trained(tmp_path / "cast", base, rows, env, tuner).files
    weights = "peft/adapter_model.safetensors"
    assert left[weights] == cast[weights]


@pytest.mark.parametrize("method", ["dora", "rslora", "ia3", "prompt"])
def test_each_method_trains_where_the_processor_computes_in_bfloat16(
    tmp_path, base, rows, env, method
):
    tuner = {"kind": "lora", **QUICK, "epochs": 1, "precision": "bfloat16", "method": method}
    card = trained(tmp_path / "job", base, rows, env, tuner)
    assert card.method == method and card.expense.steps


def test_layers_that_gguf_cannot_hold_are_no_targets(base, rows, env, tmp_path):
    wrong = {"kind": "lora", "targets": ["q_proj", "lm_head"]}
    with pytest.raises(ConfigError, match="refuses or silently skips adapters"):
        trained(tmp_path, base, rows, env, wrong)
    with pytest.raises(ConfigError, match="the model has no layer 'c_attn'"):
        trained(tmp_path, base, rows, env, {"kind": "lora", "targets": ["c_attn"]})


def test_packing_is_refused_where_it_would_be_wrong(base, rows, env, tmp_path):
    both = {"kind": "lora", "method": "prompt", "packing": True}
    with pytest.raises(ConfigError, match="packing and method prompt"):
        trained(tmp_path, base, rows, env, both)


def test_a_device_that_is_not_there_is_said(base, rows, env, tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(ConfigError, match="there is no CUDA device"):
        trained(tmp_path, base, rows, env, {"kind": "lora"}, device="cuda")
