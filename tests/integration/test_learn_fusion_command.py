"""`surefoot learn fusion`: writes what is proven to help on questions that it was not learnt from, and nothing else."""

import json
import tomllib

import pytest

from surefoot.cli.main import run

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
kind = "spelling"
[[stages]]
kind = "search"
weight = {weight}  # why so
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


def learn(folder, capsys, weight, *more):
    (folder / "surefoot.toml").write_text(SOLUTION.format(weight=weight), encoding="utf-8")
    place = ["-w", str(folder), "--offline"]
    assert run(["add", str(folder / "data"), "-q", *place]) == 0
    before = (folder / "surefoot.toml").read_text(encoding="utf-8")
    capsys.readouterr()
    code = run(["learn", "fusion", str(folder / "data"), "--json", *more, *place])
    told = capsys.readouterr().out
    return code, json.loads(told), before, (folder / "surefoot.toml").read_text(encoding="utf-8")


def test_a_proven_gain_is_written_and_the_rest_of_the_file_stays(folder, capsys):
    code, told, before, after = learn(folder, capsys, 1.0)
    assert code == 0
    assert told["written"]
    assert told["difference"]["low"] > 0
    settings = tomllib.loads(after)["stages"][1]
    assert settings["weight"] < 1
    assert settings == {"kind": "search", **told["changes"]}
    assert "# kept as it is" in after
    assert "# kept as it is" in before


def test_without_a_proven_gain_or_on_a_dry_run_nothing_is_written(folder, capsys):
    _, told, before, after = learn(folder, capsys, 1.0, "--dry-run")
    assert (told["written"], after) == (False, before)
    _, told, before, after = learn(folder, capsys, 0.1)
    assert (told["written"], after) == (False, before)


def test_too_few_questions_are_refused(folder, capsys):
    (folder / "data" / "qrels" / "test.tsv").write_text("q1\td1\t1\n")
    code, told, *_ = learn(folder, capsys, 0.5)
    assert code == 5
    assert "too few" in told["error"]["message"]
