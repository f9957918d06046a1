"""Under load, a changed solution is taken up and a server is ended without one request that fails."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from serving import SOLUTION, make_space, running

from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat

pytestmark = pytest.mark.slow

QUESTIONS = ("When are refunds paid?", "退款什么时候支付？")
WRITTEN = """schema = 1
name = "house"
[corpus]
sources = [{{ kind = "folder", path = "docs", name = "docs" }}]
embed = {{ kind = "hash" }}
[endpoints.slow]
base_url = "{url}"
model = "slow"
[[stages]]
kind = "search"
[[stages]]
kind = "answer"
model = "http:slow"
"""


def test_changed_solutions_are_taken_up_under_load(tmp_path):
    root = make_space(tmp_path / "house")
    stop = threading.Event()

    def keep_asking(url, client):
        codes, digests = [], set()
        with httpx.Client(timeout=60) as http:
            while not stop.is_set():
                body = {"question": QUESTIONS[client % 2], "seed": len(codes), "stream": client > 2}
                reply = http.post(f"{url}/api/ask", json=body)
                codes.append(reply.status_code if "event: error" not in reply.text else 500)
                if client <= 2:
                    digests.add(reply.json()["digest"])
        return codes, digests

    with running(root, serve_workers=2) as house, ThreadPoolExecutor(5) as pool:
        asking = [pool.submit(keep_asking, house.url, client) for client in range(5)]
        try:
            for keep in range(3, 11):
                changed = SOLUTION.replace('kind = "search"', f'kind = "search"\nkeep = {keep}')
                new = root / "surefoot.new"
                new.write_text(changed, encoding="utf-8")
                new.replace(root / "surefoot.toml")
                time.sleep(0.5)
        finally:
            stop.set()
        found = [one.result() for one in asking]
    codes = [code for one, _ in found for code in one]
    assert set(codes) == {200}
    assert len(codes) > 40
    assert len(set().union(*(digests for _, digests in found))) >= 6


def test_what_is_answered_is_finished_when_the_server_is_ended(tmp_path):
    told = threading.Event()

    def slowly(_):
        told.set()
        time.sleep(3)
        return "Refunds are paid within 30 days [1]."

    with ChatServer(FakeChat(slowly)) as model:
        root = make_space(tmp_path / "house", WRITTEN.format(url=model.url))
        program = str(Path(sys.executable).with_name("surefoot"))
        command = [program, "serve", str(root), "--port", "0", "--sync-every", "1h"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            url = server.stdout.readline().strip()
            for _ in range(300):
                try:
                    if httpx.get(f"{url}/readyz", timeout=1).is_success:
                        break
                except httpx.HTTPError:
                    time.sleep(0.1)
            with ThreadPoolExecutor(2) as pool:
                asked = [
                    pool.submit(
                        httpx.post,
                        f"{url}/api/ask",
                        json={"question": QUESTIONS[0], "stream": stream},
                        timeout=60,
                    )
                    for stream in (False, True)
                ]
                assert told.wait(60)
                time.sleep(0.5)
                server.send_signal(signal.SIGTERM)
                replies = [one.result() for one in asked]
            assert server.wait(30) in (0, -signal.SIGTERM)
        finally:
            server.kill()
            server.stdout.close()
    assert [reply.status_code for reply in replies] == [200, 200]
    assert all("30 days" in reply.text for reply in replies)
    assert "event: answer" in replies[1].text
