"""`surefoot up`: from a folder of documents to a page that answers, in one command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import httpx
import pytest

pytestmark = pytest.mark.slow
RUN = "from surefoot.cli.main import main; main()"
SAID = {
    "en": ("opening.md", "# Hours\n\nThe shop opens at nine o'clock on Mondays.\n", "nine"),
    "zh": ("营业.md", "# 营业时间\n\n本店星期一上午九点开门。\n", "九点"),
}
ASKED = {"en": "When does the shop open on Mondays?", "zh": "本店星期一几点开门？"}


@pytest.fixture
def environment(tmp_path):
    return os.environ | {"SUREFOOT_HOME": str(tmp_path / "home")}


def _document(lines):
    """The first JSON document of a stream."""
    text = ""
    for line in lines:
        text += line
        try:
            json.loads(text)
        except ValueError:
            continue
        return text
    raise AssertionError(f"it ended with {text!r}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_documents_answer_in_a_browser_after_one_command(tmp_path, environment, lang) -> None:
    said = SAID[lang][2]
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, text, _ in SAID.values():
        (docs / name).write_text(text, encoding="utf-8")
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 not really")
    command = [sys.executable, "-c", RUN, "up", str(docs), "--port", "0", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = json.loads(_document(server.stdout))["address"]
            with httpx.Client(base_url=address, timeout=60, follow_redirects=True) as client:
                page = client.get("/", headers={"accept-language": lang})
                assert page.status_code == 200
                assert f'lang="{"zh-Hans" if lang == "zh" else "en"}"' in page.text
                answer = client.post("/api/ask", json={"question": ASKED[lang]}).json()
                assert said in answer["answer"]
                assert answer["citations"]
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(30) in (0, 130)


def test_example_and_documents_exclude_each_other(tmp_path, environment) -> None:
    command = [sys.executable, "-c", RUN, "up", str(tmp_path), "--example"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "exclude each other" in done.stderr
