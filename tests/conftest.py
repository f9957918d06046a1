"""Marks tests by where they stand: integration, e2e and browser take longer, bench measures."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MARKS = {"integration": "slow", "e2e": "slow", "browser": "slow", "bench": "bench"}


gc.disable()  # while thousands of tests are collected: they all stay


def pytest_collection_finish(session):
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items):
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in MARKS:
            item.add_marker(getattr(pytest.mark, MARKS[folder]))


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium; closed after each module, because others have event loops of their own."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def object_store():
    """The address of an S3-compatible server without buckets, and a client for it."""
    boto3 = pytest.importorskip("boto3", reason="needs the moto server of the test group")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "hunter2"}
    client = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield address, client
    finally:
        client.close()
        server.terminate()
        server.wait(10)
