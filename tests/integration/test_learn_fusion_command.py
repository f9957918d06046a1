"""`surefoot learn fusion`: writes what is proven to help on questions that it was not learnt from, and nothing else."""

import json
import tomllib

import pytest

from surefoot.cli.main import run

pytestmark = pytest.mark.slow

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


def learn(pairs_folder, capsys, weight, *more):
    (pairs_folder / "surefoot.toml").write_text(SOLUTION.format(weight=weight), encoding="utf-8")
    place = ["-w", str(pairs_folder), "--offline"]
    assert run(["add", str(pairs_folder / "data"), "-q", *place]) == 0
    before = (pairs_folder / "surefoot.toml").read_text(encoding="utf-8")
    capsys.readouterr()
    code = run(["learn", "fusion", str(pairs_folder / "data"), "--json", *more, *place])
    told = capsys.readouterr().out
    return (
        code,
        json.loads(told),
        before,
        (pairs_folder / "surefoot.toml").read_text(encoding="utf-8"),
    )


def test_a_proven_gain_is_written_and_the_rest_of_the_file_stays(pairs_folder, capsys):
    code, told, before, after = learn(pairs_folder, capsys, 1.0)
    assert code == 0
    assert told["written"]
    assert told["difference"]["low"] > 0
    settings = tomllib.loads(after)["stages"][1]
    assert settings["weight"] < 1
    assert settings == {"kind": "search", **told["changes"]}
    assert "# kept as it is" in after
    assert "# kept as it is" in before


def test_without_a_proven_gain_or_on_a_dry_run_nothing_is_written(pairs_folder, capsys):
    _, told, before, after = learn(pairs_folder, capsys, 1.0, "--dry-run")
    assert (told["written"], after) == (False, before)
    _, told, before, after = learn(pairs_folder, capsys, 0.1)
    assert (told["written"], after) == (False, before)


def test_too_few_questions_are_refused(pairs_folder, capsys):
    (pairs_folder / "data" / "qrels" / "test.tsv").write_text("q1\td1\t1\n")
    code, told, *_ = learn(pairs_folder, capsys, 0.5)
    assert code == 5
    assert "too few" in told["error"]["message"]
