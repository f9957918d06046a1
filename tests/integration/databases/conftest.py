"""A PostgreSQL server of its own on a loopback port, started and ended here."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

OWNER = "postgres" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
"""PostgreSQL refuses to run as root."""


def program(name):
    found = [shutil.which(name), *map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def postgres():
    """The URL of an empty database with room for everything."""
    pytest.importorskip("psycopg", reason="needs the PostgreSQL driver: surefoot[scale]")
    initdb, server = program("initdb"), program("postgres")
    if not initdb or not server:
        pytest.skip("needs PostgreSQL's own server programs")
    folder = Path(tempfile.mkdtemp(prefix="surefoot-pg-"))
    if OWNER:
        shutil.chown(folder, OWNER)
    data = folder / "data"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = [initdb, "-D", str(data), "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(made, check=True, user=OWNER, cwd="/", capture_output=True)
    command = [server, "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
    running = subprocess.Popen(
        [*command, "-c", "fsync=off"],
        user=OWNER,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"postgresql+psycopg://owner:hunter2@127.0.0.1:{port}/postgres"
        wait_for(url)
        yield url
    finally:
        running.terminate()
        running.wait(20)
        shutil.rmtree(folder)


def wait_for(url):
    import psycopg

    plain = url.replace("+psycopg", "")
    for _ in range(100):
        try:
            psycopg.connect(plain).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL did not start")
