"""Exports of trained weights on the engines that serve them, beside torch and peft: tiny models, two architectures."""

from contextlib import closing
from dataclasses import replace
from statistics import mean, median
from time import perf_counter

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.roles import Message, Sampling
from surefoot.models.base import ModelEnv
from surefoot.models.chat import open_chat
from surefoot.models.chat_llama import LlamaChat
from surefoot.models.gguf import read_gguf
from surefoot.models.weights import model_digest
from surefoot.testing.tiny_chat import make_tiny_chat
from surefoot.tune.artefact import Trained, read_card, write_card
from surefoot.tune.export import export
from surefoot.tune.export.gate import Gate, export_checked
from surefoot.tune.export.layout import Layout
from surefoot.tune.export.model_gguf import write_model
from surefoot.tune.parity import agreement

pytest.importorskip("torch")
pytest.importorskip("xllamacpp")
pytestmark = [
    pytest.mark.tune,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning"),
]

SUBJECTS = ("library", "harbour", "ferry", "ticket", "flag", "island", "morning")
ENGLISH = [
    f"{ask} the {subject}?"
    for subject in SUBJECTS
    for ask in ("Who built", "What is the price of", "When opens", "Name")
]
CHINESE = [
    f"{subject}{ask}"
    for subject in ("图书馆", "渡轮", "船票", "文岛", "桦林镇", "上午")
    for ask in ("几点开门？", "多少钱？", "请回答。", "在哪里？")
]
PROMPTS = [[Message("user", text)] for text in (*ENGLISH, *CHINESE)][:50]
FEW = PROMPTS[::4]
SAMPLING = Sampling(max_tokens=24)


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    return ModelEnv(tmp_path_factory.mktemp("cache"), offline=True, threads=1)


@pytest.fixture(scope="module", params=["llama", "qwen2"])
def base(request, tmp_path_factory):
    """A base as GGUF, in its exact form."""
    root = tmp_path_factory.mktemp(request.param)
    folder = make_tiny_chat(root / "folder", request.param)
    write_model(folder, None, root / "base.gguf", "f16")
    return root / "base.gguf"


def adapter(base, folder, env, *, seed=0, std=0.3, **settings):
    """An artefact with random adapter weights, strong enough to change most replies."""
    import torch
    from peft import LoraConfig, get_peft_model

    from surefoot.tune.chat.base_model import load_base

    torch.manual_seed(seed)
    model, _ = load_base(str(base), env)
    settings = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"} | settings
    adapted = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **settings))
    for name, values in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(values, std=std)
    adapted.save_pretrained(folder / "peft")
    card = Trained(
        name=folder.name,
        kind="adapter",
        method="lora",
        base=str(base),
        base_digest=model_digest(str(base), env),
    )
    write_card(folder, card)
    return folder


@pytest.fixture(scope="module")
def trained(base, env, tmp_path_factory):
    return adapter(base, tmp_path_factory.mktemp("adapters") / "house", env)


def said(model, prompts=FEW):
    return [model.chat(prompt, SAMPLING).text for prompt in prompts]


def test_every_form_answers_as_the_trained_model_does(trained, env):
    """OpenVINO counts in bf16, where a network of random weights is often undecided between two tokens."""
    gate = Gate(PROMPTS, max_tokens=24)
    found = export_checked(trained, ["gguf-adapter", "safetensors"], env, gate)
    found += export_checked(trained, ["gguf"], env, replace(gate, tolerance=0.5))
    assert [one.engine for one in found] == ["llama.cpp", "torch", "openvino"]
    for one in found:
        print(f"{one.form} on {one.engine}: agreement {one.agreement:.4f}, same {one.same:.2f}")
    assert all(one.good and one.prompts == 50 for one in found)
    assert read_card(trained).parity == tuple(found)
    assert set(read_card(trained).files) > {"adapter.gguf", "model.gguf"}


def test_merged_weights_answer_alike_on_llama_cpp(trained, base, env):
    export(trained, "gguf-adapter", env)
    export(trained, "gguf", env)
    with (
        closing(LlamaChat(read_gguf(trained / "model.gguf"), env)) as merged,
        closing(open_chat(str(base), env, None, {"house": trained / "adapter.gguf"})) as model,
    ):
        alike = [
            agreement(one, other)
            for one, other in zip(said(merged), said(model.adapted("house")), strict=True)
        ]
    print(f"merged beside adapter: {mean(alike):.4f}")
    assert mean(alike) > 0.9


def test_an_adapter_changes_replies_and_without_it_they_are_those_of_the_base(trained, base, env):
    export(trained, "gguf-adapter", env)
    with closing(LlamaChat(read_gguf(base), env)) as plain:
        wanted = said(plain)
    with closing(open_chat(str(base), env, None, {"house": trained / "adapter.gguf"})) as model:
        before, under = said(model), said(model.adapted("house"))
        after, weak = said(model), said(model.adapted("house", 0.0))
    assert before == after == weak == wanted
    assert sum(one != other for one, other in zip(under, wanted, strict=True)) > 10


def test_one_engine_holds_several_adapters_and_switches_at_once(trained, base, env, tmp_path):
    """Each answers as it does alone; a switch costs less than 10 ms beyond reading the prompt anew."""
    other = adapter(base, tmp_path / "other", env, seed=1)
    files = {"house": trained / "adapter.gguf", "other": other / "adapter.gguf"}
    for folder in (trained, other):
        export(folder, "gguf-adapter", env)
    alone = {}
    for name, file in files.items():
        with closing(open_chat(str(base), env, None, {name: file})) as model:
            alone[name] = said(model.adapted(name), FEW)
    with closing(open_chat(str(base), env, None, files)) as model:
        mixed = [
            (said(model.adapted("house"), [prompt])[0], said(model.adapted("other"), [prompt])[0])
            for prompt in FEW
        ]
        costs = switch_costs(model)
    assert [one for one, _ in mixed] == alone["house"]
    assert [two for _, two in mixed] == alone["other"]
    print(f"switch: median {median(costs) * 1000:.2f} ms, largest {max(costs) * 1000:.2f} ms")
    assert median(costs) < 0.010


def switch_costs(model):
    """Seconds of a one-token reply after a switch, less those of one without a switch to a prompt that is as new."""
    one, two = model.adapted("house"), model.adapted("other")
    costs = []
    for number in range(20):
        prompts = [[Message("user", f"{text} {number}")] for text in "abc"]
        seconds = [
            timed(view, prompt) for view, prompt in zip((one, one, two), prompts, strict=True)
        ]
        costs.append(seconds[2] - seconds[1])
    return costs


def timed(model, prompt):
    start = perf_counter()
    model.chat(prompt, Sampling(max_tokens=1))
    return perf_counter() - start


def test_strengths_of_single_layers_are_kept(base, env, tmp_path):
    """Patterns and rank-stabilised scaling, which GGUF has no word for."""
    folder = adapter(
        base,
        tmp_path / "patterns",
        env,
        use_rslora=True,
        rank_pattern={"q_proj": 8},
        alpha_pattern={"down_proj": 3},
    )
    (found,) = export_checked(folder, ["gguf-adapter"], env, Gate(FEW, max_tokens=24))
    print(f"patterns: agreement {found.agreement:.4f}")
    assert found.good


def test_an_export_that_answers_otherwise_is_not_good_and_not_kept(
    base, env, tmp_path, monkeypatch
):
    """As if rows were left in the wrong order, or the adapter were ignored."""
    folder = adapter(base, tmp_path / "wrong", env)
    monkeypatch.setattr(Layout, "ordered", lambda self, tensor, values: values[::-1])
    (found,) = export_checked(folder, ["gguf-adapter"], env, Gate(FEW, max_tokens=24))
    assert not found.good
    assert found.agreement < 0.5
    assert read_card(folder).parity == (found,)
    assert not (folder / "adapter.gguf").exists()
    gate = Gate(FEW, max_tokens=24, keep=True)
    assert not export_checked(folder, ["gguf-adapter"], env, gate)[0].good
    assert (folder / "adapter.gguf").is_file()


@pytest.mark.parametrize("method", ["dora", "ia3"])
def test_other_methods_are_merged_and_have_no_gguf_adapter(base, env, tmp_path, method):
    import torch
    from peft import IA3Config, get_peft_model

    folder = tmp_path / method
    if method == "dora":
        adapter(base, folder, env, use_dora=True)
    else:
        from surefoot.tune.chat.base_model import load_base

        model, _ = load_base(str(base), env)
        config = IA3Config(
            task_type="CAUSAL_LM", target_modules=["k_proj", "v_proj"], feedforward_modules=[]
        )
        adapted = get_peft_model(model, config)
        for name, values in adapted.named_parameters():
            if "ia3_l" in name:
                torch.nn.init.uniform_(values, 0.2, 2.0)
        adapted.save_pretrained(folder / "peft")
        digest = model_digest(str(base), env)
        card = Trained(
            name=method, kind="adapter", method=method, base=str(base), base_digest=digest
        )
        write_card(folder, card)
    with pytest.raises(ConfigError, match=f"{method} has no GGUF form"):
        export(folder, "gguf-adapter", env)
    (found,) = export_checked(folder, ["safetensors"], env, Gate(FEW, max_tokens=24))
    print(f"{method} merged: agreement {found.agreement:.4f}")
    assert found.good


def test_whole_weights_become_gguf(base, env, tmp_path):
    """In both number types; the smaller one is read by both engines too."""
    from surefoot.tune.chat.base_model import load_base

    model, tokenizer = load_base(str(base), env)
    folder = tmp_path / "whole"
    with __import__("torch").no_grad():
        for name, values in model.named_parameters():
            if name.endswith("gate_proj.weight"):
                values.mul_(1.5)
    model.save_pretrained(folder / "weights")
    tokenizer.save_pretrained(folder / "weights")
    digest = model_digest(str(base), env)
    write_card(
        folder,
        Trained(name="whole", kind="weights", method="full", base=str(base), base_digest=digest),
    )
    for kind, least in (("f16", 0.5), ("q8_0", 0.0)):
        gate = Gate(FEW, tolerance=least, max_tokens=24)
        (found,) = export_checked(folder, ["gguf"], env, gate, number_type=kind)
        types = read_gguf(folder / "model.gguf").tensor_types
        print(f"whole weights as {kind} on {found.engine}: {found.agreement:.4f}")
        assert found.good
        assert types == {"F32", kind.upper()}
        with closing(LlamaChat(read_gguf(folder / "model.gguf"), env)) as model:
            assert all(said(model, PROMPTS[:3]))
    with pytest.raises(ConfigError, match="no form gguf-adapter"):
        export(folder, "gguf-adapter", env)
