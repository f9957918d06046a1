"""What people say over HTTP of answers becomes questions of an eval set, kept answers included."""

from __future__ import annotations

import json

import httpx
import pytest
from serving import make_space, running

from surefoot.cli.main import run
from surefoot.evaluate.evalsets import load_evalset


@pytest.mark.parametrize(
    ("question", "other", "correct", "document"),
    [
        (
            "When are refunds paid?",
            "When does the shop open?",
            "at nine on Mondays",
            "docs/refunds.md",
        ),
        ("退款什么时候支付？", "商店几点开门？", "周一九点", "docs/退款.md"),
    ],
)
def test_verdicts_over_http_join_a_set(tmp_path, capsys, question, other, correct, document):
    root = make_space(tmp_path / "house")
    with running(root) as house:
        token = house.key("ask", "write")
        reader = house.key("ask")
        with httpx.Client(
            base_url=house.url, headers={"Authorization": f"Bearer {token}"}, timeout=60
        ) as client:
            told = [client.post("/api/ask", json={"question": question}).json() for _ in range(2)]
            assert [one["cached"] for one in told] == [False, True]
            right = {"trace_id": told[1]["trace_id"], "right": True}
            alien = {"Authorization": f"Bearer {reader}"}
            assert client.post("/api/feedback", json=right, headers=alien).status_code == 403
            kept = client.post("/api/feedback", json=right)
            assert (kept.status_code, kept.json()) == (200, right)
            second = client.post("/api/ask", json={"question": other}).json()
            wrong = {
                "trace_id": second["trace_id"],
                "right": False,
                "answer": correct,
                "source": "docs/opening.md",
            }
            assert client.post("/api/feedback", json=wrong).is_success
    capsys.readouterr()
    assert run(["evalset", "add-feedback", "desk", "--workspace", str(root), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["added"]) == 2 and said["version"] == 1
    cases = {case.question: case for case in load_evalset(root / "evalsets" / "desk.jsonl").cases}
    assert cases[other].answers == (correct,)
    assert set(cases[other].relevant) == {"docs/opening.md"}
    assert document in cases[question].relevant and cases[question].gold[0].quote
