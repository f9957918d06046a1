"""`surefoot learn rerank`: a calibration in any case, another order only where it is proven; the rest stays."""

import json
import tomllib

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.errors import ConfigError
from surefoot.evaluate.learn.reranking import rerank_place

pytestmark = pytest.mark.slow

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


def written(pairs_folder, more):
    (pairs_folder / "surefoot.toml").write_text(SOLUTION.format(more=more), encoding="utf-8")
    assert run(["add", str(pairs_folder / "data"), "-q", "-w", str(pairs_folder), "--offline"]) == 0


def learn(pairs_folder, capsys, *more):
    capsys.readouterr()
    place = ["-w", str(pairs_folder), "--offline"]
    code = run(["learn", "rerank", str(pairs_folder / "data"), *more, *place])
    return (
        code,
        capsys.readouterr().out,
        (pairs_folder / "surefoot.toml").read_text(encoding="utf-8"),
    )


def test_a_proven_order_and_a_calibration_are_written(pairs_folder, capsys):
    written(pairs_folder, STAGE)
    code, told, after = learn(pairs_folder, capsys, "--json")
    assert code == 0
    found = json.loads(told)["rerank"]
    assert found["difference"]["low"] > 0
    stage = tomllib.loads(after)["stages"][1]
    assert stage["by"]["weights"] == found["order"]["weights"]
    assert stage["by"]["weights"]["nearness"] > -5
    assert stage["calibration"] == found["calibration"]
    assert stage["depth"] == 20
    assert "# kept as it is" in after
    with surefoot.open(pairs_folder, overrides={"stages.1.threshold": 0.5}) as space:
        question = next(iter(space.documents())).text
        assert space.search(question)[0].signals["relevance"] > 0.5


def test_a_dry_run_writes_nothing(pairs_folder, capsys):
    written(pairs_folder, STAGE)
    before = (pairs_folder / "surefoot.toml").read_text(encoding="utf-8")
    code, told, after = learn(pairs_folder, capsys, "--dry-run")
    assert code == 0
    assert after == before
    assert "not written" in told


def test_without_a_rerank_stage_it_says_how_to_get_one(pairs_folder, capsys):
    written(pairs_folder, "")
    with surefoot.open(pairs_folder) as space, pytest.raises(ConfigError, match="no stage reranks"):
        rerank_place(space)
    assert learn(pairs_folder, capsys)[0] == ConfigError.exit_code
