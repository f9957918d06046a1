"""A tiny base and rows in two languages: enough to train in seconds."""

from __future__ import annotations

import pytest

from surefoot.models.base import ModelEnv
from surefoot.testing.tiny_chat import make_tiny_chat
from surefoot.tune.rows import ChatRow, ChatTurn, TuningRows, write_rows

TOWNS = ("Alder", "Wen", "Birch", "Rowan", "Elm", "Sorrel", "Linden", "Ash")
城镇 = ("桦林镇", "文岛", "白石", "柳村", "松岭", "东湾", "南桥", "北山")


def house_rows(split="train", count=24):
    """Questions about towns and answers in a house format."""
    made = []
    for number in range(count):
        zh = number % 2
        town = (城镇 if zh else TOWNS)[number // 2 % 8]
        asked = f"{town}的票价是多少？{number}" if zh else f"What is a ticket to {town}? {number}"
        prompt = (ChatTurn(role="user", content=asked),)
        made.append(
            ChatRow(
                id=f"{split}{number}",
                prompt=prompt,
                completion=f"name[{town}], price[{number}]",
                lang="zh" if zh else "en",
                split=split,
            )
        )
    return made


@pytest.fixture(scope="session")
def env(tmp_path_factory):
    return ModelEnv(tmp_path_factory.mktemp("cache"), offline=True, threads=1)


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    return make_tiny_chat(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    write_rows(TuningRows.of([*house_rows(), *house_rows("dev", 6)]), path)
    return path


@pytest.fixture(scope="session")
def house():
    """Makes rows: `house(split, count)`."""
    return house_rows
