"""Past questions: in pages, by filter, stage by stage, and asked again with other settings."""

from __future__ import annotations

import httpx
import pytest
from serving import make_space, running


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("past") / "house"), keys=True) as found:
        yield found


def call(served, method, path, token="", **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.request(method, f"{served.url}{path}", headers=headers, timeout=30, **more)


def ask(served, question, token=""):
    said = call(served, "POST", "/api/ask", token, json={"question": question}).json()
    return said["trace_id"]


def test_past_questions_come_in_pages_newest_first(served):
    ids = [ask(served, f"When are refunds paid, number {n}?") for n in range(5)]
    found, before = [], ""
    while True:
        page = call(served, "GET", f"/api/traces?limit=2&text=NUMBER&before={before}").json()
        found += [one["trace_id"] for one in page["data"]]
        if not (before := page["next"]):
            break
    assert found == ids[::-1]


def test_past_questions_are_found_by_what_came_of_them(served):
    trace = ask(served, "退款什么时候支付？")
    body = {"trace_id": trace, "right": False, "answer": "三十天"}
    assert call(served, "POST", "/api/feedback", json=body).status_code == 200

    def found(query):
        listed = call(served, "GET", f"/api/traces?{query}").json()["data"]
        return {one["trace_id"]: one for one in listed}

    assert found("judged=true")[trace]["right"] is False
    assert trace in found("text=退款什么")
    assert trace in found("refused=false&solution=house")
    assert trace not in found("refused=true")
    assert trace not in found("least_ms=100000")
    assert call(served, "GET", "/api/traces?before=x").status_code == 422
    assert call(served, "GET", f"/api/traces?before={'9' * 20}-{'0' * 32}").json()["data"]


def test_a_trace_tells_its_stages(served):
    said = call(served, "GET", f"/api/traces/{ask(served, 'When are refunds paid?')}").json()
    search, quoted = said["stages"]
    assert (search["kind"], search["before"], quoted["kind"]) == ("search", 0, "quote")
    assert search["ranks"][0]["now"] == 1
    assert search["ranks"][0]["document_id"] == "docs/refunds.md"
    assert "30 days" in quoted["answer"]
    assert said["question"] == "When are refunds paid?"
    assert said["spans"]


def test_a_question_is_asked_again_with_other_settings(served):
    trace = ask(served, "When are refunds paid?")
    body = {"stage": "stages.0", "set": {"keep": 1, "vector": 0}}
    found = call(served, "POST", f"/api/traces/{trace}/replay", json=body).json()
    assert (found["former"]["trace_id"], found["otherwise"]) == (trace, [])
    assert found["now"]["trace_id"] != trace
    assert len(found["now"]["stages"][0]["ranks"]) == 1
    assert {"chunk_id", "was", "now"} == set(found["moved"][0])
    assert all(one["now"] is None for one in found["moved"])
    assert found["same_answer"] is True
    same = {"set": {"stages.0.keep": 10}}
    again = call(served, "POST", f"/api/traces/{trace}/replay", json=same).json()
    assert again["moved"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"set": {"keyword": 3}}, 422),
        ({"set": {}}, 422),
        ({"stage": "corpus", "set": {"chunk": 1}}, 422),
        ({"set": {"stages.9.keyword": 3}}, 400),
        ({"stage": "stages.0", "set": {"keywords": 3}}, 400),
        ({"stage": "stages.0", "set": {"keyword": "many"}}, 400),
    ],
)
def test_what_cannot_be_replayed_is_told(served, body, status):
    trace = ask(served, "When are refunds paid?")
    assert call(served, "POST", f"/api/traces/{trace}/replay", json=body).status_code == status


def test_nobody_sees_or_replays_anothers_question(locked):
    anna = locked.key("ask", user="anna", groups=("staff",))
    bert = locked.key("ask", user="bert")
    owner = locked.key("admin")
    trace = ask(locked, "When are salaries paid?", anna)
    body = {"stage": "stages.0", "set": {"keyword": 5}}
    path = f"/api/traces/{trace}"
    for token, status in ((anna, 200), (bert, 404), (owner, 200)):
        assert call(locked, "GET", path, token).status_code == status
        assert call(locked, "POST", f"{path}/replay", token, json=body).status_code == status

    def listed(token):
        data = call(locked, "GET", "/api/traces?limit=500", token).json()["data"]
        return {one["trace_id"] for one in data}

    assert trace in listed(anna)
    assert trace in listed(owner)
    assert not listed(bert)
    replayed = call(locked, "POST", f"{path}/replay", owner, json=body).json()
    assert replayed["otherwise"] == ["asker"]


def test_texts_in_settings_are_for_who_runs_the_server(locked):
    anna = locked.key("ask", user="anna")
    trace = ask(locked, "When are refunds paid?", anna)
    for value in ("http://127.0.0.1:1", {"kind": "x"}, ["x"], None, 10**6):
        body = {"stage": "stages.1", "set": {"model": value}}
        reply = call(locked, "POST", f"/api/traces/{trace}/replay", anna, json=body)
        assert reply.status_code == 403
