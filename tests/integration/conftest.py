"""What several of these tests start from."""

import json
import os
from pathlib import Path

import pytest

from surefoot.config.catalog import load_catalog
from surefoot.config.settings import load_settings
from surefoot.core.errors import MissingError, TransientError
from surefoot.models.base import ModelEnv
from surefoot.models.chat import open_chat

WORDS = {
    "en": [
        "harbour",
        "lantern",
        "orchard",
        "violin",
        "granite",
        "saddle",
        "pepper",
        "anchor",
        "velvet",
        "copper",
    ],
    "zh": ["港口", "灯笼", "果园", "提琴", "花岗", "马鞍", "胡椒", "船锚", "丝绒", "黄铜"],
}


@pytest.fixture(params=["en", "zh"])
def pairs_folder(request, tmp_path):
    """Forty short documents, and a question about the two words of each."""
    words = WORDS[request.param]
    pairs = [(a, b) for i, a in enumerate(words) for b in words[i + 1 :]][:40]
    data = tmp_path / "data"
    (data / "qrels").mkdir(parents=True)
    rows = [{"_id": f"d{i}", "title": "", "text": f"{a} {b}"} for i, (a, b) in enumerate(pairs)]
    asked = [{"_id": f"q{i}", "text": f"{a} {b}"} for i, (a, b) in enumerate(pairs)]
    for name, lines in (("corpus", rows), ("queries", asked)):
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        (data / f"{name}.jsonl").write_text(text, encoding="utf-8")
    judged = "\n".join(f"q{i}\td{i}\t1" for i in range(len(pairs)))
    (data / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}\n")
    return tmp_path


@pytest.fixture(scope="module")
def small():
    """The packaged chat model; it speaks English."""
    try:
        model = _chat(load_catalog().default("chat"))
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the packaged chat model cannot be had: {problem}")
    yield model
    model.close()


@pytest.fixture(scope="module")
def chinese():
    """A chat model that speaks Chinese, where one is given."""
    given = os.environ.get("SUREFOOT_TEST_CHAT_ZH", "")
    if not Path(given).is_file():
        pytest.skip("SUREFOOT_TEST_CHAT_ZH does not name a .gguf file that chats in Chinese")
    model = _chat(given)
    yield model
    model.close()


def _chat(name):
    return open_chat(name, ModelEnv(load_settings().settings.models, threads=1))
