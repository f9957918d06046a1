"""Every preset is taken into a workspace, built beside the solution in force, and answers in both languages."""

from __future__ import annotations

import json

import pytest

from surefoot.cli.main import run
from surefoot.config.presets import preset_names


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    root = tmp_path_factory.mktemp("presets")
    docs = root / "docs"
    docs.mkdir()
    (docs / "refunds.md").write_text(
        "# Refunds\n\nA refund is paid within seven days. The finance team pays it.\n", "utf-8"
    )
    (docs / "退款.md").write_text("# 退款\n\n退款在七个工作日内支付。由財務部支付。\n", "utf-8")
    assert run(["init", str(root / "work"), "--quiet"]) == 0
    assert run(["add", str(docs), "-w", str(root / "work"), "--quiet"]) == 0
    return root / "work"


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_answers_beside_the_solution_in_force(work, capsys, name):
    before = (work / "surefoot.toml").read_text("utf-8")
    assert run(["preset", "take", name, "-w", str(work), "--quiet"]) == 0
    assert run(["sync", "--solution", name, "-w", str(work), "--quiet"]) == 0
    for question, page in (
        ("How soon is a refund paid?", "docs/refunds.md"),
        ("退款多久支付？", "docs/退款.md"),
    ):
        capsys.readouterr()
        assert run(["ask", question, "--solution", name, "-w", str(work), "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)["answer"]
        assert not answer["refused"]
        assert answer["citations"][0]["chunk"]["document_id"] == page
    assert (work / "surefoot.toml").read_text("utf-8") == before


def test_a_preset_is_not_written_over_without_a_yes(work, capsys):
    assert run(["preset", "take", "fast", "-w", str(work), "--quiet", "--yes"]) == 0
    assert run(["preset", "take", "fast", "-w", str(work), "--quiet"]) == 2
    assert "--yes writes over it" in capsys.readouterr().err
