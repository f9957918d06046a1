"""Runs, their questions and differences, the frontier, and solutions put into force, over HTTP."""

from __future__ import annotations

import httpx
import pytest
from serving import SOLUTION, make_space, running

import surefoot
from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets import evalset_file, make_evalset, write_evalset
from surefoot.evaluate.runner import evaluate_workspace
from surefoot.evaluate.runs import keep_run

CASES = [
    EvalCase("q1", "When are refunds paid?", "en", {"docs/refunds.md": 1}, ("within 30 days",)),
    EvalCase("q2", "退款什么时候支付？", "zh", {"docs/退款.md": 1}, ("三十天内",)),
    EvalCase("q3", "When does the shop open?", "en", {"docs/opening.md": 1}, ("nine o'clock",)),
    EvalCase("q4", "What is the airspeed of a swallow?", "en", answerable=False),
    EvalCase("q5", "Who built the moon?", "en", {"docs/none.md": 1}, ("nobody",), tags=("odd",)),
]


def evaluate(root, solution=None):
    with surefoot.open(root, solution=solution) as space:
        questions = make_evalset("support", CASES)
        return keep_run(space, questions, evaluate_workspace(space, questions))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    root = make_space(tmp_path_factory.mktemp("measured") / "house")
    write_evalset(make_evalset("support", CASES), evalset_file(root, "support"))
    other = SOLUTION.replace('name = "house"', 'name = "short"')
    other = other.replace('kind = "search"', 'kind = "search"\nkeep = 1  # why so')
    (root / "solutions").mkdir()
    (root / "solutions" / "short.toml").write_text(other, encoding="utf-8")
    (root / "solutions" / "broken.toml").write_text("stages = 3", encoding="utf-8")
    ids = [evaluate(root), evaluate(root, "short"), evaluate(root)]
    with running(root) as found:
        yield found, ids


def get(served, path, token="", status=200):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    reply = httpx.get(f"{served.url}{path}", headers=headers, timeout=60)
    assert reply.status_code == status, reply.text
    return reply.json()


def test_runs_come_in_pages_newest_first(house):
    served, ids = house
    found, before = [], ""
    while True:
        page = get(served, f"/api/runs?limit=2&evalset=support&before={before}")
        found += page["data"]
        if not (before := page["next"]):
            break
    assert [one["id"] for one in found] == ids[::-1]
    assert found[0]["headline"]["n"] > 0
    assert get(served, "/api/runs?evalset=supp%25")["data"] == []
    assert get(served, "/api/runs?kind=optimize")["data"] == []


def test_a_run_is_told_with_its_scores_and_settings(house):
    served, ids = house
    run = get(served, f"/api/runs/{ids[1][:8]}")
    assert (run["solution"], run["questions"], run["evalset"]) == ("short", 5, "support")
    assert all(one["low"] <= one["value"] <= one["high"] for one in run["scores"])
    assert run["settings"]["stages"][0]["keep"] == 1
    assert run["documents"]["state"] == "fresh"
    assert run["expense"]["wall_s"] > 0
    get(served, "/api/runs/ffffffff", status=404)
    get(served, "/api/runs/x", status=422)


def test_failing_questions_come_first(house):
    served, ids = house
    path = f"/api/runs/{ids[0]}/questions"
    page = get(served, f"{path}?metric=ndcg@10")
    values = [row["metrics"].get("ndcg@10", 1.0) for row in page["data"]]
    assert values == sorted(values)
    assert page["data"][0]["id"] == "q5"
    first = get(served, f"{path}?limit=2&metric=ndcg@10")
    assert (first["total"], first["next"]) == (5, 2)
    assert get(served, f"{path}?limit=2&first=4")["next"] is None
    failing = get(served, f"{path}?show=failing&metric=ndcg@10")
    assert "q5" in [row["id"] for row in failing["data"]]
    assert get(served, f"{path}?tag=odd")["total"] == 1
    assert get(served, f"{path}?text=退款")["total"] == 1
    assert get(served, f"{path}?show=failed")["total"] == 0


def test_two_runs_are_compared_question_by_question(house):
    served, ids = house
    found = get(served, f"/api/runs/compare?ids={ids[0]},{ids[1]}")
    assert (found["base"]["solution"], found["other"]["solution"]) == ("house", "short")
    assert sum(found["outcomes"].values()) > 0
    assert found["metrics"][0]["difference"]["low"] <= found["metrics"][0]["difference"]["high"]
    assert set(found["metrics"][0]["words"]) == {"en", "zh"}
    gaps = {one["path"]: (one["base"], one["other"]) for one in found["settings"]}
    assert gaps["stages.0.keep"] == (10, 1)
    pairs = get(served, f"/api/runs/compare/questions?ids={ids[0]},{ids[1]}&metric=ndcg@10")
    assert pairs["total"] == 4
    assert {one["outcome"] for one in pairs["data"]} <= {"won", "lost", "even"}
    lost = get(
        served, f"/api/runs/compare/questions?ids={ids[0]},{ids[1]}&outcome=lost&metric=ndcg@10"
    )
    assert all(one["other"] < one["base"] for one in lost["data"])
    get(served, f"/api/runs/compare?ids={ids[0]}", status=422)
    get(served, f"/api/runs/compare?ids={ids[0]},ffffffff", status=404)


def test_the_frontier_has_the_newest_run_of_each_solution(house):
    served, ids = house
    found = get(served, "/api/frontier?evalset=support")
    assert {point["run"] for point in found["points"]} == {ids[1], ids[2]}
    assert any(point["ahead"] for point in found["points"])
    assert (found["cost_unit"], found["other_versions"]) == ("cpu ms", 0)
    point = found["points"][0]
    assert point["quality"]["metric"] == found["metric"]
    assert point["latency_ms"]["low"] <= point["latency_ms"]["value"]
    get(served, "/api/frontier?evalset=none", status=404)


def test_solutions_are_told_in_words(house):
    served, _ = house
    listed = get(served, "/api/solutions")["data"]
    assert [one["name"] for one in listed] == ["house", "broken", "short"]
    assert (listed[0]["in_force"], listed[2]["stages"]) == (True, ["search", "quote"])
    told = get(served, "/api/solutions/short")
    assert "# why so" in told["text"]
    assert told["complete"] is True
    assert told["stages"][0]["words"]["zh"].startswith("按关键词")
    assert told["stages"][0]["settings"]["stages.0.keep"] == 1
    assert len(told["digest"]) >= 12
    get(served, "/api/solutions/none", status=404)
    get(served, "/api/solutions/broken", status=400)


def test_a_solution_is_put_into_force_and_answers_at_once(tmp_path):
    root = make_space(tmp_path / "house")
    (root / "solutions").mkdir()
    short = SOLUTION.replace('kind = "search"', 'kind = "search"\nkeep = 1')
    (root / "solutions" / "short.toml").write_text(short, encoding="utf-8")
    large = SOLUTION.replace('kind = "hash"', 'kind = "hash", dimensions = 64')
    (root / "solutions" / "large.toml").write_text(large, encoding="utf-8")
    with running(root) as served:
        url = f"{served.url}/api/solutions/promote"
        body = {"question": "When are refunds paid?"}
        before = httpx.post(f"{served.url}/api/ask", json=body).json()
        done = httpx.post(url, json={"solution": "short"}).json()
        after = httpx.post(f"{served.url}/api/ask", json=body).json()
        assert after["digest"] == done["digest"] != before["digest"]
        assert (done["former"], len(after["hits"])) == ("before-short", 1)
        back = httpx.post(url, json={"solution": "before-short"}).json()
        assert back["digest"] == before["digest"]
        for wrong, status in (
            ({"solution": "none"}, 404),
            ({"solution": "../surefoot"}, 404),
            ({"solution": "large"}, 400),
            ({"experiment": "last"}, 404),
            ({}, 422),
        ):
            assert httpx.post(url, json=wrong).status_code == status


def test_what_is_measured_is_for_who_reads_everything(tmp_path):
    root = make_space(tmp_path / "house")
    with running(root, keys=True) as served:
        paths = (
            "/api/runs/last",
            "/api/frontier?evalset=x",
            "/api/solutions",
            "/api/solutions/house",
        )
        for token in (served.key("ask", "search"), served.key("admin", user="anna")):
            for path in paths:
                get(served, path, token, status=403)
