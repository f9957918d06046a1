"""The packaged small model learns a house format from a few rows: the loss falls, and it answers in it."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from surefoot.config.base import parse
from surefoot.config.catalog import load_catalog
from surefoot.config.registry import Registry
from surefoot.config.settings import load_settings
from surefoot.core.errors import SurefootError
from surefoot.core.roles import Message, Sampling
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import fetch
from surefoot.tune.chat.replies import TorchChat
from surefoot.tune.job import run_job
from surefoot.tune.rows import ChatRow, ChatTurn, TuningRows, write_rows
from surefoot.tune.spec import JobSpec

pytestmark = [
    pytest.mark.tune,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:.*checkpointing. is deprecated:FutureWarning"),  # in peft
]
SAMPLING = Sampling(max_tokens=16)
TOWNS = [
    "Alder",
    "Birch",
    "Elm",
    "Rowan",
    "Willow",
    "Maple",
    "Sorrel",
    "Linden",
    "Ash",
    "Hazel",
    "Juniper",
    "Larch",
]


def rows():
    """Twelve rows to learn from and two to stop by."""
    for number, town in enumerate([*TOWNS, "Oak", "Yew"]):
        text = f"Extract in house format: {town} opens at {number}."
        yield ChatRow(
            id=town,
            prompt=(ChatTurn(role="user", content=text),),
            completion=f"name[{town}], opens[{number}]",
            lang="en",
            split="train" if number < len(TOWNS) else "dev",
        )


def test_the_loss_falls_and_the_adapter_answers_in_the_format(tmp_path):
    env = ModelEnv(load_settings().settings.models, offline=True, threads=1)
    base = load_catalog().default("chat")
    try:
        fetch(load_catalog().get(base), env)
    except SurefootError as problem:
        pytest.skip(f"{base} is not in the cache: {problem.message}")
    write_rows(TuningRows.of(list(rows())), tmp_path / "rows.jsonl")
    raw = {"name": "house", "tuner": {"kind": "lora", "epochs": 6, "batch": 4, "patience": 0}}
    place = {"base": base, "rows": str(tmp_path / "rows.jsonl")}
    spec = parse(JobSpec, raw | place, Registry(), where="test")
    heard = []
    card = run_job(spec, tmp_path / "job", env, heard.append)
    losses = [event.dev_loss for event in heard if event.dev_loss is not None]
    assert min(losses) < losses[0] / 2 and card.dev_loss == min(losses)
    chat = TorchChat(base, env, {"house": tmp_path / "job" / "peft"})
    asked = [Message("user", "Extract in house format: Cedar opens at 4.")]
    plain = chat.chat_many([asked, asked], SAMPLING, [None, "house"])
    assert "name[" not in plain[0].text and plain[1].text.startswith("name[Cedar")
    spent = card.expense
    print(f"{spent.train_tokens / spent.cpu_s:.0f} tokens a processor second, {spent.peak_mib} MiB")
