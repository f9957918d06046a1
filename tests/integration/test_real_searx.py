"""A real searx on loopback, whose one engine is a server of ours, is searched as its documentation says."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call
from surefoot.core.types import Query
from surefoot.models.base import ModelEnv
from surefoot.retrieve.engines.searxng import Searxng, SearxngSettings
from surefoot.testing.engine_server import EngineServer, Held

pytestmark = pytest.mark.slow

EXAMPLE = Path("/usr/share/doc/searx/examples/settings.yml")
PAGES = [
    Held("1", "The regatta of 1987 was won by the sloop Silver Gull.", "Regatta", "https://example.com/a"),
    Held("2", "1987年的帆船赛由单桅帆船银鸥号夺冠。", "帆船赛", "https://example.com/b"),
]  # fmt: skip
ENGINE = """
  - name: {name}
    engine: json_engine
    shortcut: {short}
    categories: general
    enable_http: True
    search_url: {url}/search?q={{query}}
    results_query: results
    url_query: url
    title_query: title
    content_query: content
    disabled: False
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def searx(tmp_path_factory):
    program = shutil.which("searx-run")
    if program is None or not EXAMPLE.is_file() or sys.platform != "linux":
        pytest.skip("needs searx as Debian packages it")
    port = free_port()
    with EngineServer(PAGES) as pages:
        settings = EXAMPLE.read_text(encoding="utf-8").replace("port : 8888", f"port : {port}")
        head, tail = settings.split("\nengines:")[0], settings[settings.index("\nlocales:") :]
        engines = ENGINE.format(name="pages", short="pa", url=pages.url)
        engines += ENGINE.format(name="silent", short="si", url=f"http://127.0.0.1:{free_port()}")
        file = tmp_path_factory.mktemp("searx") / "settings.yml"
        text = f"{head.replace('ultrasecretkey', 'x' * 32)}\nengines:{engines}{tail}"
        file.write_text(text, encoding="utf-8")
        running = subprocess.Popen(
            [program],
            env={**os.environ, "SEARX_SETTINGS_PATH": str(file)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(20)


def wait_for(url):
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.skip("searx did not start")


@pytest.fixture
def opened(searx, tmp_path):
    made = []

    def make(**options):
        settings = SearxngSettings(base_url=searx, timeout_s=20, **options)
        made.append(Searxng(settings, ModelEnv(tmp_path), lambda: None))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.mark.parametrize(
    ("question", "place"), [("Who won the regatta of 1987?", 0), ("1987年的帆船赛由谁夺冠？", 1)]
)
def test_it_finds_what_its_engine_finds(opened, question, place):
    lang = "zh" if place else "en"
    found = opened(engines="pages").find(Query(question, lang), 5, Call())
    best = found.hits[0]
    assert (best.chunk.text, best.chunk.uri) == (PAGES[place].text, PAGES[place].url)
    assert best.signals["searxng_score"] > 0
    assert found.notes == ()


def test_an_engine_of_it_that_is_down_is_told(opened):
    found = opened().find(Query("Who won the regatta of 1987?", "en"), 5, Call())
    assert found.hits
    assert "silent" in found.notes[0]


def test_a_wrong_address_of_it_is_told(searx, tmp_path):
    settings = SearxngSettings(base_url=f"{searx}/nowhere")
    wrong = Searxng(settings, ModelEnv(tmp_path), lambda: None)
    with pytest.raises(ConfigError, match="nothing answers"):
        wrong.find(Query("regatta", "en"), 5, Call())
    wrong.close()
