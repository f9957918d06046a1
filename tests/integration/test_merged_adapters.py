"""Weighted sums of adapters, and the whole way from tiny adapters to a solution's answers through the commands."""

import json

import numpy as np
import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.errors import ConfigError
from surefoot.core.roles import Message, Sampling
from surefoot.models.base import ModelEnv
from surefoot.models.tensors import Tensors
from surefoot.models.weights import model_digest
from surefoot.run.adapters import adapters_root
from surefoot.testing.tiny_chat import make_tiny_chat
from surefoot.tune.artefact import Trained, read_card, write_card
from surefoot.tune.export.model_gguf import write_model
from surefoot.tune.export.weighted import merge_adapters
from surefoot.tune.rows import ChatRow, ChatTurn, TuningRows, write_rows

pytest.importorskip("torch")
pytest.importorskip("xllamacpp")
pytestmark = [
    pytest.mark.tune,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning"),
]
TEXTS = ["Who built the harbour?", "Name the colours.", "渡轮船票多少钱？", "图书馆几点开门？"]
SOLUTION = """schema = 1
[[stages]]
kind = "answer"
model = "base.gguf"
adapter = "ADAPTER"
plain = "answer/direct"
reply = "plain"
max_tokens = 16
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A workspace with a tiny base and two random adapters of it."""
    root = tmp_path_factory.mktemp("work")
    write_model(make_tiny_chat(root / "folder"), None, root / "base.gguf", "f16")
    (root / "surefoot.toml").write_text(SOLUTION.replace("ADAPTER", "house"), encoding="utf-8")
    rows = [
        ChatRow(id=f"r{i}", prompt=(ChatTurn(role="user", content=text),), completion="yes")
        for i, text in enumerate(TEXTS)
    ]
    write_rows(TuningRows.of(rows), root / "rows.jsonl")
    (root / ".surefoot").mkdir()
    (root / ".surefoot" / "settings.toml").write_text(
        f'models = "{root / "cache"}"\noffline = true\n', encoding="utf-8"
    )
    for seed, (name, rank) in enumerate((("house", 4), ("desk", 4), ("wide", 8))):
        _adapter(root, name, rank, seed)
    return root


@pytest.fixture(scope="module")
def env(root):
    return ModelEnv(root / "cache", offline=True, threads=1, root=root)


def _adapter(root, name, rank, seed):
    import torch
    from peft import LoraConfig, get_peft_model

    from surefoot.tune.chat.base_model import load_base

    env = ModelEnv(root / "cache", offline=True, threads=1, root=root)
    torch.manual_seed(seed)
    model, _ = load_base("base.gguf", env)
    config = LoraConfig(r=rank, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    adapted = get_peft_model(model, config)
    for key, values in adapted.named_parameters():
        if "lora_B" in key:
            torch.nn.init.normal_(values, std=0.3)
    folder = adapters_root(root) / name
    adapted.save_pretrained(folder / "peft")
    digest = model_digest("base.gguf", env)
    card = Trained(
        name=name,
        kind="adapter",
        method="lora",
        base="base.gguf",
        base_digest=digest,
        rows=str(root / "rows.jsonl"),
        langs=("en", "zh"),
    )
    write_card(folder, card)


def change(folder):
    """What an adapter adds to one weight."""
    tensors = Tensors(folder / "peft")
    config = json.loads((folder / "peft" / "adapter_config.json").read_text(encoding="utf-8"))
    (key,) = [name for name in tensors if "layers.1.mlp.up_proj.lora_A" in name]
    a, b = tensors[key], tensors[key.replace("lora_A", "lora_B")]
    return b @ a * config["lora_alpha"] / a.shape[0]


@pytest.mark.parametrize(
    ("how", "names", "near"),
    [
        ("cat", ("house", "wide"), 1e-4),
        ("svd", ("house", "wide"), 0.9),
        ("ties", ("house", "desk"), 1.2),
    ],
)
def test_weighted_sums(root, env, tmp_path, how, names, near):
    folders = [adapters_root(root) / name for name in names]
    card = merge_adapters(
        dict(zip(folders, (0.7, 0.3), strict=True)), tmp_path, env, name="m", how=how
    )
    wanted = 0.7 * change(folders[0]) + 0.3 * change(folders[1])
    distance = np.linalg.norm(change(tmp_path) - wanted) / np.linalg.norm(wanted)
    print(f"{how}: distance {distance:.3f}")
    assert distance < near
    assert card.merged_from == dict(zip(names, (0.7, 0.3), strict=True))
    assert (card.method, card.kind, card.langs) == ("merged", "adapter", ("en", "zh"))
    assert (tmp_path / "peft" / "chat_template.jinja").is_file()
    assert read_card(tmp_path).files


def test_linear_wants_equal_ranks_and_all_want_one_base(root, env, tmp_path):
    house, wide, desk = (adapters_root(root) / name for name in ("house", "wide", "desk"))
    assert merge_adapters({house: 1, desk: 1}, tmp_path / "a", env, name="a", how="linear").files
    with pytest.raises(ConfigError, match="cannot be merged") as caught:
        merge_adapters({house: 1, wide: 1}, tmp_path / "b", env, name="b", how="linear")
    assert "svd and cat" in caught.value.hint
    with pytest.raises(ConfigError, match="two adapters or more"):
        merge_adapters({house: 1}, tmp_path / "c", env, name="c", how="svd")
    card = read_card(desk)
    try:
        for changes, problem in (
            ({"base_digest": "other"}, "was trained on"),
            ({"method": "ia3"}, "only low-rank"),
        ):
            write_card(desk, card.model_copy(update=changes))
            with pytest.raises(ConfigError, match=problem):
                merge_adapters({house: 1, desk: 1}, tmp_path / "d", env, name="d", how="svd")
    finally:
        write_card(desk, card)


def test_from_adapters_to_answers(root):
    """Exported, merged, exported, asked; a solution's answer is what the adapter says on llama.cpp."""

    def adapters(*words):
        return run(["adapters", *words, "-w", str(root), "-q"])

    assert adapters("export", "house") == 0
    assert adapters("export", "desk", "--form", "gguf-adapter") == 0
    assert adapters("merge", "house", "desk", "--into", "both", "--how", "cat") == 0
    assert adapters("export", "both", "--tolerance", "0.7") == 0
    said, digests = {}, set()
    for name in ("house", "desk", "both"):
        with surefoot.open(root, overrides={"stages.0.adapter": name}) as space:
            said[name] = space.ask(TEXTS[0]).text
            model = space.resources.chat("base.gguf", name)
            heard = model.chat([Message("user", TEXTS[0])], Sampling(max_tokens=16)).text
            assert said[name] == heard
            digests.add(space.resources.digest)
    assert len(set(said.values())) == len(digests) == 3


def test_an_export_that_is_not_good_fails_and_its_file_goes(root, capsys, monkeypatch):
    from surefoot.tune.export.layout import Layout

    def export(*more):
        capsys.readouterr()
        return run(["adapters", "export", "wide", *more, "-w", str(root)]), capsys.readouterr()

    file = adapters_root(root) / "wide" / "adapter.gguf"
    monkeypatch.setattr(Layout, "ordered", lambda self, tensor, values: values[::-1])
    code, heard = export()
    assert code == 5
    assert "does not answer as the trained model" in heard.err
    assert "not kept" in heard.err
    assert not file.exists()
    code, heard = export("--keep")
    assert code == 5
    assert f"kept at {file}" in heard.err
    with (
        surefoot.open(root, overrides={"stages.0.adapter": "wide"}) as space,
        pytest.raises(surefoot.core.errors.DataError, match="does not answer as"),
    ):
        space.resources.chat("base.gguf", "wide")
