"""How many questions a second a server answers, and whether it stays what it was.

Run: `python tests/bench/serve_load.py FOLDER --questions FILE`.

FOLDER is a workspace with an index. The server is a process of its own on a free loopback port. Printed: requests a
second, median and 99th percentile of the wait at 1, 8 and 32 clients for search and ask (no answer is given from the
cache, so each is made), errors; how `--crowd` clients at once fare, more than workers and queue take; and the memory,
file handles and threads of the server before and after a soak of `--soak` requests, half of them searches and half
questions. As reference, the processor time that the same search takes in one process without a server.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

import psutil

import surefoot

PATHS = {"search": "/v1/search", "ask": "/v1/chat/completions"}


def body(what: str, question: str) -> bytes:
    """The request that asks it."""
    messages = [{"role": "user", "content": question}]
    said = {"query": question} if what == "search" else {"messages": messages}
    return json.dumps(said).encode()


def client(port: int, what: str, questions: Sequence[str]) -> list[tuple[float, int]]:
    """Asks one after the other over one connection; seconds and status of each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    told = []
    for question in questions:
        began = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        connection.request("POST", PATHS[what], body(what, question), headers)
        reply = connection.getresponse()
        reply.read()
        told.append((time.perf_counter() - began, reply.status))
    connection.close()
    return told


def load(port: int, what: str, questions: Sequence[str], clients: int, requests: int) -> str:
    """One line of the table."""
    each = requests // clients
    asked = [list(islice(cycle(questions), i * 7, i * 7 + each)) for i in range(clients)]
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        told = [one for found in pool.map(lambda q: client(port, what, q), asked) for one in found]
    took = time.perf_counter() - began
    waits = sorted(1000 * seconds for seconds, _ in told)
    codes = sorted({status for _, status in told})
    late = quantiles(waits, n=100)[98] if len(waits) > 1 else waits[0]
    return (
        f"| {what} | {clients} | {len(told)} | {len(told) / took:.1f} | {median(waits):.0f} | {late:.0f}"
        f" | {', '.join(map(str, codes))} |"
    )


def state(process: psutil.Process) -> str:
    """What the server holds."""
    held = process.memory_info().rss / 2**20
    return f"{held:.0f} MB, {process.num_fds()} file handles, {process.num_threads()} threads"


def alone(folder: Path, questions: Sequence[str]) -> str:
    """The same without a server."""
    with surefoot.open(folder) as space:
        chunks = space.resources.index().count()
        space.search(questions[0])
        began, busy = time.perf_counter(), time.process_time()
        for question in questions[:50]:
            space.search(question)
        wall, cpu = time.perf_counter() - began, time.process_time() - busy
    each = 1000 / len(questions[:50])
    return f"{chunks} chunks; search alone: {wall * each:.1f} ms, {cpu * each:.1f} ms of processor time"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=Path, required=True, help="JSONL with `text`")
    parser.add_argument("--requests", type=int, default=320, help="of each line of the table")
    parser.add_argument("--crowd", type=int, default=200)
    parser.add_argument("--soak", type=int, default=0)
    options = parser.parse_args()
    lines = options.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["text"] for line in lines][:200]
    print(alone(options.folder, questions))
    program = str(Path(sys.executable).with_name("surefoot"))
    command = [program, "serve", "--port", "0", "--json", "--workspace", str(options.folder)]
    uncached = {**os.environ, "SUREFOOT_ANSWER_CACHE": "0"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=uncached) as server:
        assert server.stdout is not None
        told = ""
        while "}" not in told:
            told += server.stdout.readline()
        port = int(json.loads(told)["address"].rsplit(":", 1)[1])
        process = psutil.Process(server.pid)
        try:
            client(port, "ask", questions[:3])
            print(
                "| what | clients | n | requests/s | median ms | p99 ms | status |\n|---|---|---|---|---|---|---|"
            )
            for what in PATHS:
                for clients in (1, 8, 32):
                    print(load(port, what, questions, clients, options.requests), flush=True)
            print(load(port, "search", questions, options.crowd, 2 * options.crowd), flush=True)
            print(f"before the soak: {state(process)}", flush=True)
            for done in range(0, options.soak, 2000):
                for what in PATHS:
                    load(port, what, questions, 8, min(1000, options.soak - done))
                print(f"after {min(done + 2000, options.soak)}: {state(process)}", flush=True)
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
