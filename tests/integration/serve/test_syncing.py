"""Documents that change while the server runs: seen, read and answered, one sync at a time."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
from serving import SOLUTION, make_space, running

from surefoot.core.errors import ConfigError
from surefoot.serve.live.syncing import seconds_of


def eventually(true, within_s=90.0):
    """Waits until it is true."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return bool(true())


def found(url, question):
    reply = httpx.post(f"{url}/api/ask", json={"question": question}, timeout=60)
    assert reply.status_code == 200, reply.text
    return reply.text


def status(url):
    return httpx.get(f"{url}/api/status").json()["sync"]


@contextmanager
def another_writes(root):
    """Another process holds the index until the block ends."""
    program = (
        "import sys, surefoot\n"
        "with surefoot.open(sys.argv[1]) as space, space.resources.index().writing():\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline().strip() == b"held"
        yield
        process.stdin.close()


class Asking:
    """Asks without a pause until the block ends."""

    def __init__(self, url):
        self.url, self.codes, self.failed, self.slowest = url, [], [], 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self):
        with httpx.Client(timeout=60) as client:
            while not self._stop.is_set():
                began = time.monotonic()
                body = {"question": "When are refunds paid?", "seed": len(self.codes)}
                reply = client.post(f"{self.url}/api/ask", json=body)
                self.codes.append(reply.status_code)
                if not reply.is_success:
                    self.failed.append(reply.text)
                self.slowest = max(self.slowest, time.monotonic() - began)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


@pytest.mark.parametrize(
    ("text", "question", "word"),
    [
        ("# Shipping\n\nParcels leave on Tuesdays.\n", "When do parcels leave?", "Tuesdays"),
        ("# 发货\n\n包裹每周二发出。\n", "包裹什么时候发出？", "周二"),
    ],
)
def test_files_are_seen_while_questions_are_answered(tmp_path, text, question, word):
    lines = []
    root = make_space(tmp_path / "house")
    with running(root, serve_watch=True, log=lines.append) as house:
        assert eventually(lambda: status(house.url)["syncs"] >= 1)
        with Asking(house.url) as asking:
            file = root / "docs" / "shipping.md"
            file.write_text(text, encoding="utf-8")
            assert eventually(lambda: word in found(house.url, question))
            file.unlink()
            assert eventually(lambda: word not in found(house.url, question))
        known = [one["id"] for one in httpx.get(f"{house.url}/api/documents").json()["data"]]
        assert "docs/shipping.md" not in known
        assert set(asking.codes) == {200}, asking.failed
        assert asking.slowest < 10
        before = status(house.url)
        assert before["error"] == "" and before["failures"] == 0
        time.sleep(2)  # what a sync writes is no reason for the next one
        assert status(house.url)["syncs"] <= before["syncs"] + 1
    told = [line for one in lines if (line := json.loads(one)).get("event") == "sync"]
    assert told and all(line["ok"] for line in told)
    assert word not in "".join(lines)


def test_a_source_that_is_added_is_read_and_watched(tmp_path):
    root = make_space(tmp_path / "house")
    (root / "more").mkdir()
    with running(root, serve_watch=True) as house:
        assert eventually(lambda: status(house.url)["syncs"] >= 1)
        added = '{ kind = "folder", path = "more", name = "more" },\n]\nembed'
        (root / "surefoot.toml").write_text(SOLUTION.replace("]\nembed", added), encoding="utf-8")
        time.sleep(1.5)
        (root / "more" / "moon.md").write_text("# Moon\n\nThe moon is full on Fridays.\n")
        assert eventually(lambda: "Fridays" in found(house.url, "When is the moon full?"))


def test_a_schedule_reads_what_changed(tmp_path):
    root = make_space(tmp_path / "house")
    with running(root, serve_sync_every="1s") as house:
        (root / "docs" / "moon.md").write_text("# Moon\n\nThe moon is full on Fridays.\n")
        assert eventually(lambda: "Fridays" in found(house.url, "When is the moon full?"))
        assert eventually(lambda: status(house.url)["syncs"] >= 3)


def test_a_sync_that_fails_is_told_and_the_next_one_runs(tmp_path):
    root = make_space(tmp_path / "house")
    lines = []
    with running(root, serve_sync_every="1s", log=lines.append) as house:
        assert eventually(lambda: status(house.url)["syncs"] >= 1)
        with another_writes(root):
            assert eventually(lambda: status(house.url)["failures"] >= 1, 60)
            assert status(house.url)["error"]
            assert "refund" in found(house.url, "When are refunds paid?").lower()
            failing = httpx.get(f"{house.url}/metrics").text
            assert "surefoot_sync_failing 1.0" in failing
        assert eventually(lambda: not status(house.url)["error"])
        told = httpx.get(f"{house.url}/metrics").text
        assert "surefoot_sync_failing 0.0" in told
        assert 'surefoot_syncs_total{result="failed"}' in told
    told = [line for one in lines if (line := json.loads(one)).get("event") == "sync"]
    assert [line for line in told if not line["ok"] and line["error"]]


def test_an_index_that_is_built_anew_answers_when_it_is_complete(tmp_path):
    root = make_space(tmp_path / "house")
    with running(root, serve_sync_every="1s") as house, Asking(house.url) as asking:
        assert eventually(lambda: status(house.url)["syncs"] >= 1)
        changed = SOLUTION.replace('"hash"', '"hash", dimensions = 64')
        (root / "surefoot.toml").write_text(changed, encoding="utf-8")
        assert eventually(lambda: "not complete" not in found(house.url, "When is it open?"))
        with house.tenant.using() as space:
            assert eventually(lambda: space.resources.encoder().dimensions == 64, 5)
    assert set(asking.codes) == {200}, asking.failed


def test_without_either_nothing_is_synced(served):
    assert httpx.get(f"{served.url}/api/status").json()["sync"] is None


@pytest.mark.parametrize("every", ["", "10", "m", "0m", "-1s", "1.5h", "10 m"])
def test_what_is_no_time_is_refused(every):
    with pytest.raises(ConfigError, match="is no time"):
        seconds_of(every)


def test_times_are_read():
    assert [seconds_of(one) for one in ("30s", "10m", "2h", "1d")] == [30, 600, 7200, 86400]
