"""Solutions and documents that change while the server runs."""

from __future__ import annotations

import threading

import httpx
import pytest
from serving import SOLUTION, make_space, running

import surefoot


@pytest.fixture
def house(tmp_path):
    with running(make_space(tmp_path / "house")) as found:
        yield found


def ask(url, text, model="house"):
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    return httpx.post(f"{url}/v1/chat/completions", json=body, timeout=60)


def test_a_new_solution_is_a_new_model_at_once(house):
    root = house.tenant.root
    assert ask(house.url, "When are refunds paid?", "brief").status_code == 404
    (root / "solutions").mkdir()
    text = SOLUTION.replace('"house"', '"brief"')
    (root / "solutions" / "brief.toml").write_text(text, encoding="utf-8")
    assert ask(house.url, "When are refunds paid?", "brief").json()["model"] == "brief"
    ids = [one["id"] for one in httpx.get(f"{house.url}/v1/models").json()["data"]]
    assert ids == ["house", "brief"]


def test_a_changed_solution_answers_without_a_pause(house):
    file = house.tenant.root / "surefoot.toml"
    codes, stop = [], threading.Event()

    def keep_asking():
        while not stop.is_set():
            codes.append(ask(house.url, "When are refunds paid?").status_code)

    thread = threading.Thread(target=keep_asking)
    thread.start()
    try:
        for keep in (3, 4, 5):
            changed = SOLUTION.replace('kind = "search"', f'kind = "search"\nkeep = {keep}')
            new = file.with_suffix(".new")
            new.write_text(changed, encoding="utf-8")
            new.replace(file)
            assert ask(house.url, "When are refunds paid?").status_code == 200
    finally:
        stop.set()
        thread.join()
    assert set(codes) == {200}


def test_a_wrong_solution_is_told_and_the_others_go_on(house):
    root = house.tenant.root
    (root / "solutions").mkdir()
    (root / "solutions" / "broken.toml").write_text("schema = 1\n[[stages]]\nkind = 'no'\n")
    told = ask(house.url, "When are refunds paid?", "broken")
    assert told.status_code == 400
    assert "broken.toml" in told.json()["error"]["message"]
    assert ask(house.url, "When are refunds paid?").status_code == 200


def test_a_solution_that_was_changed_wrongly_goes_on_as_it_was(house):
    file = house.tenant.root / "surefoot.toml"
    assert ask(house.url, "When are refunds paid?").status_code == 200
    file.write_text(SOLUTION.replace('kind = "quote"', 'kind = "no-such-stage"'), encoding="utf-8")
    for _ in range(2):
        assert ask(house.url, "When are refunds paid?").status_code == 200
    assert "no-such-stage" in httpx.get(f"{house.url}/api/status").json()["problems"]["house"]
    file.write_text(SOLUTION.replace('kind = "search"', 'kind = "search"\nkeep = 4'), "utf-8")
    assert ask(house.url, "When are refunds paid?").status_code == 200
    assert httpx.get(f"{house.url}/api/status").json()["problems"] == {}


@pytest.mark.parametrize(
    ("text", "question", "word"),
    [
        ("# Shipping\n\nParcels leave on Tuesdays.\n", "When do parcels leave?", "Tuesdays"),
        ("# 发货\n\n包裹每周二发出。\n", "包裹什么时候发出？", "周二"),
    ],
)
def test_documents_synced_elsewhere_are_found_at_once(house, text, question, word):
    root = house.tenant.root
    (root / "docs" / "shipping.md").write_text(text, encoding="utf-8")
    with surefoot.open(root) as other:
        other.sync()
    assert word in ask(house.url, question).json()["choices"][0]["message"]["content"]
    (root / "docs" / "shipping.md").unlink()
    with surefoot.open(root) as other:
        other.sync()
    assert word not in ask(house.url, question).text
