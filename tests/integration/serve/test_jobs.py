"""Long work over HTTP: real child processes with tiny work."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from serving import make_space, running

from surefoot.store.jobs import JobBook

pytestmark = pytest.mark.slow
WAIT_S = 90
QUESTIONS = [
    ("q1", "When are refunds paid?", "within 30 days", "docs/refunds.md"),
    ("q2", "退款什么时候支付？", "三十天内", "docs/退款.md"),
    ("q3", "When does the shop open?", "at nine o'clock", "docs/opening.md"),
]


def with_questions(root: Path, name: str = "常问") -> Path:
    """A workspace with an eval set of three questions."""
    folder = root / "evalsets"
    folder.mkdir()
    rows = [
        {"id": id, "question": question, "answers": [answer], "lang": "zh" if id == "q2" else "en"}
        for id, question, answer, _ in QUESTIONS
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return root


def ended(api: httpx.Client, id: str) -> dict:
    """The job once it has ended."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        job = api.get(f"/api/jobs/{id}").json()
        if job["resumable"]:
            return job
        time.sleep(0.1)
    raise AssertionError(f"{id} did not end")


def begun(api: httpx.Client, body: dict) -> dict:
    reply = api.post("/api/jobs", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    root = with_questions(make_space(tmp_path_factory.mktemp("jobs") / "house"))
    with running(root) as found, httpx.Client(base_url=found.url, timeout=WAIT_S) as client:
        yield client


def test_an_evaluation_is_begun_watched_and_read(api):
    body = {"kind": "evaluate", "evalset": "常问", "seed": 7}
    job = begun(api, body)
    assert job["command"] == "surefoot evaluate '常问' --seed 7" and job["state"] == "queued"
    with api.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        text = "".join(stream.iter_text())
    names = [line[7:] for line in text.splitlines() if line.startswith("event: ")]
    assert names[0] == "state" and names[-1] == "done" and "line" in names
    found = ended(api, job["id"])
    assert (found["state"], found["exit_code"], found["error"]) == ("done", 0, "")
    assert found["result"]["n"] == 3 and found["result"]["run"]
    assert found["asked"]["evalset"] == "常问"
    runs = api.get("/api/runs").json()["data"]
    assert found["result"]["run"] in [run["id"] for run in runs]
    told = api.get(f"/api/jobs/{job['id']}/lines").json()
    last = told["data"][-1]["progress"]
    assert (last["done"], last["total"]) == (3, 3)
    assert api.get(f"/api/jobs/{job['id']}/lines?after={told['next']}").json()["data"] == []


def test_what_an_evaluation_and_a_sync_take_is_said_before(api):
    reply = api.post("/api/jobs/forecast", json={"kind": "evaluate", "evalset": "常问"}).json()
    assert reply["exit_code"] == 0 and reply["forecast"]["forecast"]
    assert reply["command"].endswith("--forecast")
    reply = api.post("/api/jobs/forecast", json={"kind": "optimize", "evalset": "常问"}).json()
    assert reply["exit_code"] == 0, reply
    assert reply["forecast"]["forecast"]["seconds"]["value"] > 0
    reply = api.post("/api/jobs/forecast", json={"kind": "sync"}).json()
    assert reply["forecast"]["unchanged"] == 4
    refused = api.post("/api/jobs/forecast", json={"kind": "evalset-create"})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "evaluate", "evalset": "没有"}, 404),
        ({"kind": "evaluate", "evalset": "--workspace=/etc"}, 422),
        ({"kind": "evaluate", "evalset": "../secret"}, 422),
        ({"kind": "evaluate", "evalset": "常问", "solution": "/etc/passwd"}, 422),
        ({"kind": "evaluate", "evalset": "常问", "solution": "none"}, 404),
        ({"kind": "evaluate", "evalset": "常问", "judge": "x.gguf"}, 404),
        ({"kind": "evaluate", "evalset": "常问", "options": ["--set"]}, 422),
        ({"kind": "optimize", "evalset": "常问", "space": "= no"}, 400),
        ({"kind": "compare", "evalset": "常问", "training_file": "file-none"}, 404),
        ({"kind": "index-build", "solution": "没有"}, 404),
        ({"kind": "shell", "command": "ls"}, 422),
    ],
)
def test_only_what_is_there_is_begun(api, body, status):
    reply = api.post("/api/jobs", json=body)
    assert reply.status_code == status, reply.text
    assert reply.json()["error"]["message"]


def test_one_runs_at_a_time_in_the_order_given_and_the_waiting_can_be_cancelled(api):
    ids = [begun(api, {"kind": "sync"})["id"] for _ in range(3)]
    waiting = api.get(f"/api/jobs/{ids[2]}").json()
    assert waiting["state"] == "queued" and waiting["ahead"] == 2
    assert api.post(f"/api/jobs/{ids[2]}/cancel").json()["state"] == "cancelled"
    first, second = ended(api, ids[0]), ended(api, ids[1])
    assert first["state"] == second["state"] == "done"
    assert int(first["ended_ns"]) <= int(second["started_ns"])
    assert ended(api, ids[2])["started_ns"] is None
    listed = api.get("/api/jobs?limit=2").json()
    assert [one["id"] for one in listed["data"]] == [ids[2], ids[1]] and listed["has_more"]
    assert api.get(f"/api/jobs?after={ids[1]}").json()["data"][0]["id"] == ids[0]


def test_a_job_that_failed_says_why_and_can_be_given_again(api):
    job = begun(api, {"kind": "evalset-create", "name": "新集", "questions": 2})
    found = ended(api, job["id"])
    assert found["state"] == "failed" and found["exit_code"] == 5
    assert "no question could be made" in found["error"]
    again = api.post(f"/api/jobs/{job['id']}/resume").json()
    assert again["id"] == job["id"] and again["error"] == ""
    assert ended(api, job["id"])["state"] == "failed"


def test_a_running_job_is_cancelled(api):
    job = begun(api, {"kind": "optimize", "evalset": "常问", "minutes": 5})
    until = time.monotonic() + WAIT_S
    while api.get(f"/api/jobs/{job['id']}").json()["state"] != "running":
        assert time.monotonic() < until
        time.sleep(0.05)
    assert api.post(f"/api/jobs/{job['id']}/resume").status_code == 400
    assert api.delete(f"/api/jobs/{job['id']}").status_code == 400
    api.post(f"/api/jobs/{job['id']}/cancel")
    found = ended(api, job["id"])
    assert found["state"] == "cancelled" and found["exit_code"] != 0
    assert api.delete(f"/api/jobs/{job['id']}").json()["deleted"]
    assert api.get(f"/api/jobs/{job['id']}").status_code == 404


def test_there_is_no_other_job(api):
    missing = f"job-{'0' * 32}"
    for call in ("", "/events"):
        assert api.get(f"/api/jobs/{missing}{call}").status_code == 404
    for call in ("/cancel", "/resume"):
        assert api.post(f"/api/jobs/{missing}{call}").status_code == 404


def test_two_tenants_never_see_each_others_jobs(tmp_path):
    roots = [make_space(tmp_path / name) for name in ("one", "二")]
    with running(*roots, keys=True) as found:
        tokens = []
        for tenant in found.tenants.all:
            _, token = tenant.keys.create("test", ("admin",), time.time_ns())
            tokens.append(token)
        one, two = (
            httpx.Client(base_url=found.url, headers={"Authorization": f"Bearer {token}"})
            for token in tokens
        )
        with one, two:
            job = begun(one, {"kind": "sync"})
            assert two.get("/api/jobs").json()["data"] == []
            for call in ("", "/lines", "/events"):
                assert two.get(f"/api/jobs/{job['id']}{call}").status_code == 404
            assert two.post(f"/api/jobs/{job['id']}/cancel").status_code == 404
            assert ended(one, job["id"])["state"] == "done"
            reader = found.key("ask", "search", "write", "tune")
            refused = httpx.get(
                f"{found.url}/api/jobs", headers={"Authorization": f"Bearer {reader}"}
            )
            assert refused.status_code == 403


@contextmanager
def server_of(root: Path):
    """A server as a process of its own, begun as a shell begins one in the background."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(sys.executable).with_name("surefoot"))
    process = subprocess.Popen(
        [program, "serve", str(root), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        for _ in range(600):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=1).is_success:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=WAIT_S) as api:
            yield process, api
    finally:
        process.kill()
        process.wait(30)


def test_a_killed_server_leaves_a_job_that_another_goes_on_with(tmp_path):
    root = with_questions(make_space(tmp_path / "house"))
    with server_of(root) as (process, api):
        running_one = begun(api, {"kind": "optimize", "evalset": "常问", "minutes": 1, "trials": 3})
        waiting = begun(api, {"kind": "sync"})
        while api.get(f"/api/jobs/{running_one['id']}").json()["state"] != "running":
            time.sleep(0.05)
        pid = pid_of(root, running_one["id"])
        process.kill()
        process.wait(30)
    until = time.monotonic() + WAIT_S
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.1)
    assert not is_running(pid), "the child outlives its server"
    with server_of(root) as (_, api):
        for job in (running_one, waiting):
            left = api.get(f"/api/jobs/{job['id']}").json()
            assert left["state"] == "interrupted" and left["resumable"]
        api.post(f"/api/jobs/{waiting['id']}/resume")
        assert ended(api, waiting["id"])["state"] == "done"


def test_a_server_that_is_stopped_ends_its_job_and_those_who_watch(tmp_path):
    root = with_questions(make_space(tmp_path / "house"))
    with server_of(root) as (process, api):
        job = begun(api, {"kind": "optimize", "evalset": "常问", "minutes": 5})
        pid_of(root, job["id"])
        with api.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
            told = stream.iter_text()
            assert "event: state" in next(told)
            process.terminate()
            rest = "".join(told)
            assert "event: done" not in rest
        assert process.wait(60) == 0 or process.returncode == -signal.SIGTERM
    left = JobBook.at(root / ".surefoot").get(job["id"])
    assert left.state == "interrupted"
    assert not is_running(left.pid)


def pid_of(root: Path, id: str) -> int:
    """The process of a job, as the ledger has it."""
    book = JobBook.at(root / ".surefoot")
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        pid = book.get(id).pid
        if pid is not None:
            return pid
        time.sleep(0.05)
    raise AssertionError("it was never begun")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
