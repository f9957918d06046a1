"""Questions edited in place, runs deleted, searches and comparisons listed, gone on with and deleted."""

import json

import httpx
import pytest
from serving import make_space, running

import surefoot
from surefoot.cli.main import run
from surefoot.store.runs import Run

SET = [
    {
        "id": "a/1",
        "question": "When are refunds paid?",
        "answers": ["within 30 days"],
        "tags": ["money"],
        "split": "holdout",
        "gold": [
            {"doc": "docs/refunds.md", "quote": "within 30 days", "grade": 2},
            {"doc": "docs/opening.md", "quote": "nine o'clock"},
        ],
    },
    {"id": "b", "question": "退款多久支付？", "answers": ["三十天内"]},
]
SEARCH = {
    "id": "abc123abc123",
    "evalset": "first",
    "evalset_digest": "d",
    "corpus": "c",
    "space": {},
    "metric": "recall@5",
    "objectives": ["quality"],
    "seed": 0,
    "budget": "15m",
    "workers": 1,
    "holdout": 0.5,
    "command": "surefoot optimize first",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    made = make_space(tmp_path_factory.mktemp("kept") / "house")
    (made / "evalsets").mkdir()
    lines = [json.dumps(row, ensure_ascii=False) for row in SET]
    (made / "evalsets" / "first.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def server(root):
    with running(root) as served:
        yield served


@pytest.fixture
def http(server):
    with httpx.Client(base_url=server.url, headers={"origin": server.url}) as client:
        yield client


@pytest.fixture
def search(root):
    folder = root / ".surefoot" / "experiments" / SEARCH["id"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "request.json").write_text(json.dumps(SEARCH), encoding="utf-8")
    return folder


def add_run(root):
    with surefoot.open(root) as space:
        run = Run("evaluate", 10**18, "house", "s", "first", "d", details={"questions": 1})
        return space.runs.record(run, [{"id": "q", "question": "A secret question", "metrics": {}}])


def test_a_question_is_edited_in_place_and_keeps_the_rest(http):
    shown = http.get("/ui/evaluate/sets/first/edit", params={"id": "a/1"})
    assert shown.status_code == 200
    assert "within 30 days" in shown.text and "docs/opening.md" in shown.text
    form = {
        "id": "a/1",
        "question": "When exactly are refunds paid?",
        "answers": "within 30 days\r\n30 days",
        "documents": ["docs/refunds.md", "", ""],
        "quotes": ["within 30 days", "nine o'clock", ""],
    }
    assert http.post("/ui/evaluate/sets/first/edit", data=form).status_code == 303
    row = http.get("/api/evalsets/first/questions/a%2F1").json()
    assert row["question"] == "When exactly are refunds paid?"
    assert row["answers"] == ["within 30 days", "30 days"]
    assert [(one["doc"], one["quote"], one["grade"]) for one in row["gold"]] == [
        ("docs/refunds.md", "within 30 days", 2)
    ]
    assert (row["tags"], row["split"]) == (["money"], "holdout")
    assert http.get("/api/evalsets/first/questions/none").status_code == 404
    assert http.get("/api/evalsets/first/questions/b").json()["question"] == "退款多久支付？"


@pytest.mark.parametrize("how", ["api", "page", "command"])
def test_a_run_is_deleted_with_its_questions(http, root, how, capsys):
    id = add_run(root)
    assert id in http.get("/ui/evaluate").text
    if how == "api":
        assert http.delete(f"/api/runs/{id}").json() == {"id": id, "deleted": True}
    elif how == "page":
        assert http.post(f"/ui/evaluate/runs/{id}/delete").status_code == 303
    else:
        assert run(["runs", "delete", id[:6], "--workspace", str(root)]) == 0
    assert http.get(f"/api/runs/{id}").status_code == 404
    with surefoot.open(root) as space:
        assert space.runs.rows(id) == []


@pytest.mark.parametrize("how", ["api", "page", "command"])
def test_a_search_is_listed_and_deleted(http, root, search, how, capsys):
    listed = http.get("/api/experiments").json()["data"]
    assert [(one["kind"], one["id"], one["ended"]) for one in listed] == [
        ("search", SEARCH["id"], False)
    ]
    assert listed[0]["resume"] == f"surefoot optimize --continue {SEARCH['id']}"
    assert SEARCH["id"] in http.get("/ui/evaluate/experiments").text
    if how == "api":
        assert http.delete(f"/api/experiments/search/{SEARCH['id']}").json()["deleted"]
    elif how == "page":
        place = f"/ui/evaluate/experiments/search/{SEARCH['id']}/delete"
        assert http.post(place).status_code == 303
    else:
        assert run(["experiments", "list", "--workspace", str(root)]) == 0
        assert "not ended" in capsys.readouterr().out
        assert run(["experiments", "delete", "abc1", "--workspace", str(root)]) == 0
    assert not search.exists()
    assert http.get("/api/experiments").json()["data"] == []
    assert http.delete(f"/api/experiments/search/{SEARCH['id']}").status_code == 404


def test_a_search_is_gone_on_with_as_a_job(http, search):
    job = http.post(f"/api/experiments/search/{SEARCH['id']}/resume")
    assert job.status_code == 200, job.text
    assert f"--continue {SEARCH['id']}" in job.json()["command"]
    refused = http.delete(f"/api/experiments/search/{SEARCH['id']}")
    http.post(f"/api/jobs/{job.json()['id']}/cancel")
    assert refused.status_code in (200, 409)
    assert http.post("/api/experiments/comparison/ffff/resume").status_code == 404
