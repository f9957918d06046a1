"""The example handbook as a house that is lived in: every screen has something to show."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from serving import Running, running

import surefoot
from surefoot.cli.main import run
from surefoot.store.jobs import Job, JobBook

QUESTIONS = Path(__file__).parents[1] / "data" / "handbook-questions.jsonl"
ASKED = (
    "Who approves a hotel that costs more than 180 euros a night?",
    "一线城市的住宿标准是每晚多少钱？",
    "What should I do if I lose my access card?",
    "补办新门禁卡的费用是多少？",
    "Does the company pay for a gym membership?",
    "笔记本电脑多久更换一次？",
    "When does the canteen close on Fridays?",
    "How many days of annual leave do I get in my first year?",
    "入职第一年有多少天年假？",
)
SOLUTION = """schema = 1
name = "handbook"
[corpus]
sources = [{ kind = "folder", path = "docs" }]
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
"""
PARKING = "# Parking\n\nThe car park behind building A is free for staff from 6:00 to 22:00.\n"
_LONG_S = 240.0


@dataclass(frozen=True)
class Furnished:
    """A server of that house: its address, a key that may everything, and what screens are about."""

    served: Running
    token: str
    traces: dict[str, str]
    runs: tuple[str, str]
    jobs: dict[str, str]

    @property
    def url(self) -> str:
        return self.served.url

    def cited(self, document: str, words: str) -> str:
        """The query that marks these words in a document."""
        with self.served.tenant.using() as space:
            start = space.resources.index().document(document).text.index(words)
        return f"start={start}&end={start + len(words)}"


def make_handbook(root: Path) -> None:
    """A workspace of the example documents with the default encoder and a second solution, `short`."""
    with resources.as_file(resources.files("surefoot.cli") / "data" / "handbook") as folder:
        shutil.copytree(folder, root / "docs")
    (root / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    (root / "solutions").mkdir()
    short = SOLUTION.replace('"handbook"', '"short"') + "sentences = 1\n"
    (root / "solutions" / "short.toml").write_text(short, encoding="utf-8")
    with surefoot.open(root) as space:
        assert not space.sync().problems


@contextmanager
def furnished(root: Path) -> Iterator[Furnished]:
    """Serves the handbook at `root`, made by `make_handbook`, after a busy week."""
    (root / "evalsets").mkdir()
    shutil.copy(QUESTIONS, root / "evalsets" / "handbook.jsonl")
    _damage(root)
    for solution in ("solutions/short.toml", "surefoot.toml"):
        where = ["--workspace", str(root), "--solution", str(root / solution), "--quiet"]
        assert run(["evaluate", "handbook", *where]) == 0
    with running(root, keys=True) as served:
        token = served.key("admin", "ask", "search", "write")
        _keys(served)
        signed_in = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=served.url, headers=signed_in, timeout=60) as client:
            jobs = _jobs(client, served)
            traces = _asked(client)
            measured = client.get("/api/runs", params={"limit": 20}).json()["data"]
            pair = [one["id"] for one in measured if one["evalset"] == "handbook"][:2]
        _change(root)
        yield Furnished(served, token, traces, (pair[1], pair[0]), jobs)


def _damage(root: Path) -> None:
    """A file that cannot be read, one without text, one that is there twice."""
    (root / "docs" / "en" / "floor-plan.pdf").write_bytes(b"%PDF-1.4 torn")
    (root / "docs" / "zh" / "待补充.md").write_text("  \n", encoding="utf-8")
    shutil.copy(root / "docs" / "en" / "leave.md", root / "docs" / "en" / "leave-copy.md")


def _change(root: Path) -> None:
    """What the next sync will find: one document more, one changed."""
    (root / "docs" / "en" / "parking.md").write_text(PARKING, encoding="utf-8")
    warranty = root / "docs" / "zh" / "保修说明.txt"
    text = warranty.read_text(encoding="gb18030")
    warranty.write_text(text + "\n四、延保\n延保须在保修期内购买。\n", encoding="gb18030")


def _keys(served: Running) -> None:
    book, now = served.tenant.keys, time.time_ns()
    mine = book.all()[0]
    book.change(replace(mine, name="office"))
    key, _ = book.create("intranet", ("ask", "search"), now)
    book.change(replace(key, groups=("staff", "board")))
    key, _ = book.create("reading room", ("search",), now)
    book.change(replace(key, user="anna"))


def _jobs(client: httpx.Client, served: Running) -> dict[str, str]:
    """One job of each end: a sync that tells of a torn file, a search, one that failed, one that waits."""
    found = {}
    found["sync"] = _ended(client, {"kind": "sync"})
    search = {"kind": "optimize", "evalset": "handbook", "minutes": 10, "trials": 3}
    found["optimize"] = _ended(client, search)
    short = {"kind": "optimize", "evalset": "handbook", "minutes": 0.05}
    found["failed"] = _ended(client, short)
    book = JobBook.at(served.tenant.root / ".surefoot")
    waiting = Job(f"job-{uuid4().hex}", "evaluate", ("evaluate", "handbook"), time.time_ns())
    book.put(waiting)
    book.close()
    return {**found, "waiting": waiting.id}


def _ended(client: httpx.Client, body: dict[str, Any]) -> str:
    """The id of a job that was begun and has ended."""
    reply = client.post("/api/jobs", json=body)
    assert reply.status_code == 200, reply.text
    job = reply.json()
    until = time.monotonic() + _LONG_S
    while job["state"] in ("queued", "running"):
        assert time.monotonic() < until, job
        time.sleep(0.2)
        job = client.get(f"/api/jobs/{job['id']}").json()
    return job["id"]


def _asked(client: httpx.Client) -> dict[str, str]:
    """The traces of the questions; people have said of three answers whether they are right."""
    found = {}
    for question in ASKED:
        reply = client.post("/api/ask", json={"question": question})
        found[question] = reply.json()["trace_id"]
    for question, right in ((ASKED[0], True), (ASKED[1], True), (ASKED[6], False)):
        body = {"trace_id": found[question], "right": right}
        if not right:
            body["answer"] = "13:45"
        assert client.post("/api/feedback", json=body).status_code == 200
    return found
