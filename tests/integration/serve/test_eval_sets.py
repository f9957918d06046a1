"""Eval sets over HTTP: made of a file, in pages, changed question by question, reviewed, joined by feedback."""

from __future__ import annotations

import httpx
import pytest
from serving import make_space, running

TABLE = """question,answer,source,quote
When are refunds paid?,30 days,docs/refunds.md,within 30 days
退款多久支付？,三十天,docs/退款.md,三十天内
no answer here,,,
"""


@pytest.fixture
def house(tmp_path):
    with running(make_space(tmp_path / "house")) as found:
        yield found


def call(served, method, path, token="", **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.request(method, f"{served.url}{path}", headers=headers, timeout=60, **more)


def make(served, name="support", token=""):
    files = {"file": ("题目.csv", TABLE.encode(), "text/csv")}
    return call(served, "POST", "/api/evalsets", token, files=files, data={"name": name})


def test_a_set_is_made_of_a_file(house):
    made = make(house)
    assert made.status_code == 200, made.text
    said = made.json()
    assert (said["contents"]["questions"], said["shape"]) == (2, "table")
    assert said["left_out"][0]["where"] == "题目.csv:4"
    assert said["contents"]["located"] == 2
    assert make(house).status_code == 200  # the same again
    (line,) = call(house, "GET", "/api/evalsets").json()["data"]
    assert (line["name"], line["questions"]) == ("support", 2)
    assert call(house, "GET", "/api/evalsets/support").json()["version"] == 1
    lines = call(house, "GET", "/api/evalsets/support/jsonl")
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    assert len(lines.text.splitlines()) == 3
    other = {"file": ("x.csv", b"question,answer\nOther?,yes\n")}
    again = call(house, "POST", "/api/evalsets", files=other, data={"name": "support"})
    assert again.status_code == 400
    columns = {"name": "mine", "column": ["question=Q", "answer=A"]}
    files = {"file": ("x.csv", b"Q,A\nOther?,yes\n")}
    mine = call(house, "POST", "/api/evalsets", files=files, data=columns)
    assert mine.json()["columns"] == {"question": "Q", "answer": "A"}
    assert call(house, "DELETE", "/api/evalsets/mine").json()["deleted"] is True
    assert call(house, "GET", "/api/evalsets/mine").status_code == 404


def test_questions_come_in_pages_and_by_filter(house):
    for n in range(5):
        body = {"question": f"Question {n}?", "answers": ["yes"], "tags": [f"t{n % 2}"]}
        assert call(house, "POST", "/api/evalsets/new/questions", json=body).status_code == 200
    path = "/api/evalsets/new/questions"
    page = call(house, "GET", f"{path}?limit=2").json()
    assert (page["total"], page["next"], len(page["data"])) == (5, 2, 2)
    last = call(house, "GET", f"{path}?limit=2&first=4").json()
    assert (last["next"], len(last["data"])) == (None, 1)
    assert call(house, "GET", f"{path}?tag=t1").json()["total"] == 2
    assert call(house, "GET", f"{path}?text=QUESTION 3").json()["total"] == 1


def test_a_question_is_added_changed_and_removed(house):
    path = "/api/evalsets/support/questions"
    gold = [{"doc": "docs/退款.md", "quote": "三十天内"}]
    body = {"id": "q/1", "question": "退款多久支付？", "answers": ["三十天"], "gold": gold}
    added = call(house, "POST", path, json=body).json()
    assert added["question"]["lang"] == "zh"
    assert added["question"]["gold"][0]["start"] > 0
    assert call(house, "POST", path, json=body).status_code == 400  # the id is taken
    body = {"question": "多久？", "answers": ["三十天"], "gold": gold}
    changed = call(house, "PUT", f"{path}/q%2F1", json=body).json()
    assert changed["version"] == 2
    assert changed["question"]["meta"]["review"][-1]["before"]["question"] == "退款多久支付？"
    wrong = {**body, "gold": [{"doc": "docs/退款.md", "quote": "not there"}]}
    assert call(house, "PUT", f"{path}/q%2F1", json=wrong).status_code == 422
    both = {"question": "?", "answers": ["x"], "answerable": False}
    assert call(house, "PUT", f"{path}/q%2F1", json=both).status_code == 400
    assert call(house, "PUT", f"{path}/none", json=body).status_code == 404
    assert call(house, "DELETE", f"{path}/q%2F1").status_code == 400  # the last one
    call(house, "POST", path, json={"question": "Other?", "answerable": False})
    gone = call(house, "DELETE", f"{path}/q%2F1").json()
    assert (gone["question"], gone["questions"]) == (None, 1)


def test_questions_are_reviewed(house):
    make(house)
    path = "/api/evalsets/support/review"
    queue = call(house, "GET", path).json()
    assert queue["left"] == 2
    first, second = queue["data"]
    assert first["evidence"][0]["quote"] == "within 30 days"
    assert "Refunds are paid" in first["evidence"][0]["before"]
    body = {"id": first["question"]["id"], "decision": "edit", "answers": ["within 30 days"]}
    edited = call(house, "POST", path, json=body).json()
    assert (edited["decided"], edited["left"], edited["version"]) == ("edited", 1, 2)
    body = {"id": second["question"]["id"], "decision": "keep"}
    assert call(house, "POST", path, json=body).json()["left"] == 0
    body = {"id": second["question"]["id"], "decision": "drop"}
    assert call(house, "POST", path, json=body).json()["question"] is None
    assert call(house, "POST", path, json=body).status_code == 404
    assert [one["name"] for one in call(house, "GET", "/api/evalsets").json()["data"]] == [
        "support"
    ]


def test_a_set_is_checked(house):
    make(house)
    found = call(house, "GET", "/api/evalsets/support/check?searches=2").json()
    assert found["questions"] == 2
    assert found["grade"] in ("good", "usable", "weak", "broken")
    assert found["findings"][0]["remedy"]


def test_what_people_said_joins_a_set(house):
    said = call(house, "POST", "/api/ask", json={"question": "When does the shop open?"}).json()
    body = {"trace_id": said["trace_id"], "right": True}
    call(house, "POST", "/api/feedback", json=body)
    joined = call(house, "POST", "/api/evalsets/said/feedback").json()
    assert (len(joined["added"]), joined["version"]) == (1, 1)
    again = call(house, "POST", "/api/evalsets/said/feedback").json()
    assert (again["added"], len(again["left_out"])) == ([], 1)


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fsurefoot", "a%2Fb", "support.rejected", "%00", "x" * 201]
)
def test_a_name_leads_nowhere_else(house, name):
    assert call(house, "GET", f"/api/evalsets/{name}").status_code in (400, 404, 422)
    body = {"question": "?", "answerable": False}
    reply = call(house, "POST", f"/api/evalsets/{name}/questions", json=body)
    assert reply.status_code in (400, 404, 405, 422)


def test_sets_are_for_who_reads_everything_of_this_tenant(tmp_path):
    roots = [make_space(tmp_path / name) for name in ("sales", "legal")]
    with running(*roots, keys=True) as served:
        sales, legal = (tenant.keys for tenant in served.tenants.all)
        import time

        _, owner = sales.create("a", ("admin",), time.time_ns())
        _, other = legal.create("b", ("admin",), time.time_ns())
        assert make(served, token=owner).status_code == 200
        assert call(served, "GET", "/api/evalsets/support", owner).status_code == 200
        assert call(served, "GET", "/api/evalsets/support", other).status_code == 404
        assert call(served, "GET", "/api/evalsets", other).json()["data"] == []
        user = served.key("admin", user="anna")
        plain = served.key("ask", "search", "write")
        for token in (user, plain):
            assert call(served, "GET", "/api/evalsets/support/questions", token).status_code == 403
            assert make(served, token=token).status_code == 403
