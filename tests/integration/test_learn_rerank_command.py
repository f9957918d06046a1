"""`surefoot learn rerank`: a calibration in any case, another order only where it is proven; the rest stays."""

import json
import tomllib

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.errors import ConfigError
from surefoot.evaluate.reranking import rerank_place

pytestmark = pytest.mark.slow

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
SOLUTION = """schema = 1
# kept as it is
[corpus]
embed = {{ kind = "hash", dimensions = 8 }}
[[stages]]
kind = "search"
{more}
"""
STAGE = """[[stages]]
kind = "rerank"
by = { kind = "features", weights = { before = 1.0, nearness = -5.0 } }  # why so
depth = 20
"""


@pytest.fixture(params=["en", "zh"])
def folder(request, tmp_path):
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


def written(folder, more):
    (folder / "surefoot.toml").write_text(SOLUTION.format(more=more), encoding="utf-8")
    assert run(["add", str(folder / "data"), "-q", "-w", str(folder), "--offline"]) == 0


def learn(folder, capsys, *more):
    capsys.readouterr()
    place = ["-w", str(folder), "--offline"]
    code = run(["learn", "rerank", str(folder / "data"), *more, *place])
    return code, capsys.readouterr().out, (folder / "surefoot.toml").read_text(encoding="utf-8")


def test_a_proven_order_and_a_calibration_are_written(folder, capsys):
    written(folder, STAGE)
    code, told, after = learn(folder, capsys, "--json")
    assert code == 0
    found = json.loads(told)["rerank"]
    assert found["difference"]["low"] > 0
    stage = tomllib.loads(after)["stages"][1]
    assert stage["by"]["weights"] == found["order"]["weights"]
    assert stage["by"]["weights"]["nearness"] > -5
    assert stage["calibration"] == found["calibration"]
    assert stage["depth"] == 20
    assert "# kept as it is" in after
    with surefoot.open(folder, overrides={"stages.1.threshold": 0.5}) as space:
        question = next(iter(space.documents())).text
        assert space.search(question)[0].signals["relevance"] > 0.5


def test_a_dry_run_writes_nothing(folder, capsys):
    written(folder, STAGE)
    before = (folder / "surefoot.toml").read_text(encoding="utf-8")
    code, told, after = learn(folder, capsys, "--dry-run")
    assert code == 0
    assert after == before
    assert "not written" in told


def test_without_a_rerank_stage_it_says_how_to_get_one(folder, capsys):
    written(folder, "")
    with surefoot.open(folder) as space, pytest.raises(ConfigError, match="no stage reranks"):
        rerank_place(space)
    assert learn(folder, capsys)[0] == ConfigError.exit_code
