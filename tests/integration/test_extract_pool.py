"""Reading processes: one bad file costs that file only, whatever it does to its process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from surefoot.config.solution import Limits
from surefoot.core.errors import DataError, SurefootError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import ExtractorPool
from surefoot.ingest.extract.media.orders import Orders
from surefoot.ingest.extract.process import ReadingProcess

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux bounds the memory of a process"
)
posix = pytest.mark.skipif(os.name != "posix", reason="signals are a POSIX thing")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    texts = {
        "a.md": "# Leave\n\nAsk the manager first.\n",
        "b.txt": "差旅报销须经部门经理批准。\n",
        "c.csv": "编号,name\n1,北京\n",
        "d.html": "<html><body><h1>公告</h1><p>Office closed on Friday.</p></body></html>",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return sorted(tmp_path.iterdir())


def read_all(
    paths: list[Path], limits: Limits, workers: int = 1
) -> dict[str, Extracted | DataError]:
    with ExtractorPool(limits, workers) as pool:
        return {path.name: found for path, found in pool.map(paths)}


def error(found: Extracted | DataError) -> DataError:
    assert isinstance(found, DataError), found
    return found


@pytest.mark.parametrize("workers", [1, 2])
def test_files_come_back_in_order_and_whole(files: list[Path], workers: int) -> None:
    with ExtractorPool(Limits(), workers) as pool:
        found = list(pool.map(files))
    assert [path for path, _ in found] == files
    texts = [result.text for _, result in found if isinstance(result, Extracted)]
    assert len(texts) == 4
    assert texts[1] == "差旅报销须经部门经理批准。\n"
    assert "| 1 | 北京 |" in texts[2]


def test_nothing_is_lost_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: 题目\ntags: [a, 乙]\nn: 3\n---\none\n\ftwo\n\f三\n", encoding="utf-8"
    )
    found = read_all([tmp_path / "a.md"], Limits())["a.md"]
    assert isinstance(found, Extracted)
    assert found.title == "题目"
    assert found.meta["tags"] == ("a", "乙")
    assert found.meta["n"] == 3
    assert len(found.pages) == 3
    assert len(found.digest) == 64


def test_bad_files_are_reported_and_the_rest_is_read(files: list[Path], tmp_path: Path) -> None:
    bad = {
        "bad.pdf": b"%PDF-1.4 cut off",
        "bad.docx": b"PK\x03\x04 cut off",
        "bad.xml": b"<a>",
        "bad.png": b"\x89PNG\r\n\x1a\n",
        "large.txt": b"x" * (2 * 1024 * 1024),
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    paths = sorted([*files, *(tmp_path / name for name in bad), tmp_path / "gone.txt"])
    found = read_all(paths, Limits(max_file_mb=1), workers=2)
    assert {name for name, result in found.items() if isinstance(result, DataError)} == {
        *bad,
        "gone.txt",
    }
    for name in bad:
        assert error(found[name]).where == str(tmp_path / name)
        assert error(found[name]).hint


@posix
def test_a_hanging_process_costs_one_file(files: list[Path]) -> None:
    """A stopped process stands for any parser that never returns: its owner cannot tell them apart."""
    with ExtractorPool(Limits(seconds=1)) as pool:
        found = dict(pool.map(signalling(pool, files[:3], files[1], signal.SIGSTOP)))
    assert [path.name for path, result in found.items() if isinstance(result, DataError)] == [
        "b.txt"
    ]
    assert "took more than the allowed 1 s" in error(found[files[1]]).message
    assert "corpus.limits.seconds to 2" in error(found[files[1]]).hint


@posix
def test_a_process_that_died_idle_is_replaced(files: list[Path]) -> None:
    with ExtractorPool(Limits()) as pool:
        found = dict(pool.map(signalling(pool, files, files[1], signal.SIGKILL)))
    assert all(isinstance(result, Extracted) for result in found.values())


def signalling(
    pool: ExtractorPool, paths: list[Path], victim: Path, number: signal.Signals
) -> Iterator[Path]:
    """Sends the idle process a signal just before it is handed the victim."""
    for path in paths:
        if path == victim:
            for pid in pool.pids():
                os.kill(pid, number)
                wanted = psutil.STATUS_STOPPED if number == signal.SIGSTOP else psutil.STATUS_ZOMBIE
                while psutil.Process(pid).status() != wanted:
                    pass
        yield path


@posix
def test_a_process_killed_while_it_reads_costs_that_file(tmp_path: Path) -> None:
    small, large = tmp_path / "a.txt", tmp_path / "b.json"
    small.write_text("fine", encoding="utf-8")
    large.write_text(json.dumps([{"n": n, "词": "值"} for n in range(200_000)]), encoding="utf-8")
    with ExtractorPool(Limits()) as pool:
        list(pool.map([small]))
        timer = threading.Timer(0.05, os.kill, (pool.pids()[0], signal.SIGKILL))
        timer.start()
        found = dict(pool.map([large, small]))
        timer.join()
    assert "killed (SIGKILL)" in error(found[large]).message
    assert isinstance(found[small], Extracted)


@posix
def test_the_processor_time_limit_costs_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"n": n} for n in range(1_500_000)]), encoding="utf-8")
    found = read_all([path], Limits(seconds=1, memory_mb=2048))
    assert "took more than the allowed 1 s" in error(found["a.json"]).message


@linux
@pytest.mark.slow
def test_the_memory_limit_costs_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[" + "[]," * 9_000_000 + "[]]", encoding="utf-8")
    (tmp_path / "b.txt").write_text("好", encoding="utf-8")
    found = read_all([path, tmp_path / "b.txt"], Limits(memory_mb=100))
    assert "100 MB of memory" in error(found["a.json"]).message
    assert error(found["a.json"]).hint == "raise corpus.limits.memory_mb to 200"
    assert isinstance(found["b.txt"], Extracted)


@linux
@pytest.mark.slow
def test_a_bomb_that_looks_harmless_meets_the_memory_limit(tmp_path: Path) -> None:
    """A 100 MB XML in a DOCX that compresses too little to be refused beforehand."""
    path = tmp_path / "bomb.docx"
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as box:
        box.writestr("[Content_Types].xml", "<Types/>")
        with box.open("word/document.xml", "w") as file:
            file.write(f"<w:document {space}><w:body>".encode())
            for number in range(100):
                texts = (
                    f"<w:p><w:r><w:t>{number * 9973 + i:x}</w:t></w:r></w:p>" for i in range(25_000)
                )
                file.write("".join(texts).encode())
            file.write(b"</w:body></w:document>")
    (tmp_path / "b.txt").write_text("好", encoding="utf-8")
    found = read_all([path, tmp_path / "b.txt"], Limits(memory_mb=200))
    assert "memory" in error(found["bomb.docx"]).message
    assert isinstance(found["b.txt"], Extracted)


@posix
def test_the_child_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    process = ReadingProcess(Orders())
    try:
        environment = Path(f"/proc/{process.pid}/environ")
        if environment.exists():
            assert b"sk-secret" not in environment.read_bytes()
    finally:
        process.kill()


def test_a_process_that_does_not_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false" if os.name == "posix" else sys.executable)
    with pytest.raises(SurefootError, match="does not start"):
        ReadingProcess(Orders())


def test_processes_are_used_again_and_end_with_the_pool(files: list[Path]) -> None:
    with ExtractorPool(Limits()) as pool:
        list(pool.map(files))
        first = pool.pids()
        list(pool.map(files))
        assert pool.pids() == first
        assert len(first) == 1
    assert pool.pids() == []


def test_a_consumer_may_stop_early(files: list[Path]) -> None:
    with ExtractorPool(Limits(), 2) as pool:
        for path, _ in pool.map(files * 10):
            assert path == files[0]
            break


def test_large_text_crosses_the_pipe_unharmed(tmp_path: Path) -> None:
    text = "第一行 line one 😀\n" * 200_000
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    found = read_all([tmp_path / "a.txt"], Limits())["a.txt"]
    assert isinstance(found, Extracted)
    assert found.text == text


@posix
def test_a_reading_process_has_no_network_programs_or_room_to_write(tmp_path: Path) -> None:
    code = (
        "import os, socket, subprocess, sys\n"
        "from surefoot.ingest.extract import sandbox\n"
        "sandbox.enter()\n"
        "for attempt in (lambda: socket.create_connection(('127.0.0.1', 9), 1), lambda: subprocess.run(['true']),\n"
        "                lambda: os.system('true'), lambda: open(sys.argv[1], 'wb').write(b'x' * 2**21)):\n"
        "    try:\n"
        "        attempt()\n"
        "    except PermissionError:\n"
        "        print('refused')\n"
        "    except OSError as problem:\n"
        "        print(problem.strerror)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "large")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[:4] == ["refused", "refused", "refused", "File too large"]
