"""The index on LanceDB keeps the contract, in a folder and on object storage."""

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
import time

import pytest

from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.testing.contracts_index import IndexContract
from surefoot.testing.index_samples import DIMENSIONS

RECIPE = Recipe("abc123", DIMENSIONS)


class TestInAFolder(IndexContract):
    @pytest.fixture
    def open_index(self, tmp_path):
        return lambda: open_index(str(tmp_path / "lance"), RECIPE)


@pytest.fixture(scope="module")
def bucket():
    boto3 = pytest.importorskip("boto3", reason="needs the moto server of the test group")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(port)
        client = boto3.client(
            "s3",
            endpoint_url=address,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="y",
        )
        client.create_bucket(Bucket="lake")
        client.close()
        yield {
            "endpoint": address,
            "region": "us-east-1",
            "aws_access_key_id": "x",
            "aws_secret_access_key": "y",
            "allow_http": "true",
        }
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the storage server did not start")


@pytest.mark.slow
class TestOnObjectStorage(IndexContract):
    folder = itertools.count()

    @pytest.fixture
    def open_index(self, bucket):
        location = f"s3://lake/kb{next(self.folder)}"
        return lambda: open_index(location, RECIPE, storage_options=bucket)
