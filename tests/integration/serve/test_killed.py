"""A server that is killed loses nothing of what it has acknowledged."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from openai import OpenAI
from serving import make_space

pytestmark = pytest.mark.slow


@contextmanager
def killed(root):
    """A server of its own process, killed at the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(sys.executable).with_name("surefoot"))
    command = [program, "serve", str(root), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=1).is_success:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        else:
            raise AssertionError("the server was never ready")
        with OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0) as api:
            yield api
    finally:
        server.kill()
        server.wait(30)


def test_an_acknowledged_upload_outlives_its_server(tmp_path):
    root = make_space(tmp_path / "house")
    with killed(root) as api:
        kept = api.files.create(file=("kept.txt", b"only kept"), purpose="assistants")
        file = api.files.create(file=("moon.md", b"The moon is full.\n"), purpose="assistants")
        store = api.vector_stores.create(file_ids=[file.id])
    with killed(root) as api:
        assert api.files.content(kept.id).text == "only kept"
        found = api.vector_stores.search(store.id, query="Is the moon full?").data
        assert [one.file_id for one in found] == [file.id]
