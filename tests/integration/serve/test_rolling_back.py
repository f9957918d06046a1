"""A solution that was replaced comes back as it was, over HTTP and on the command line; that can be undone."""

from __future__ import annotations

import json

import httpx
import pytest
from serving import SOLUTION, make_space, running

import surefoot
from surefoot.cli.main import run

pytestmark = pytest.mark.slow
ASK = {"question": "When are refunds paid?"}
SHORT = SOLUTION.replace('kind = "search"', 'kind = "search"\nkeep = 1')
LARGE = SOLUTION.replace('kind = "hash"', 'kind = "hash", dimensions = 64')
NOTED = "# 我们的笔记 our note\n" + SOLUTION


@pytest.fixture
def root(tmp_path):
    made = make_space(tmp_path / "house", NOTED)
    (made / "solutions").mkdir()
    (made / "solutions" / "short.toml").write_text(SHORT, encoding="utf-8")
    (made / "solutions" / "large.toml").write_text(LARGE, encoding="utf-8")
    with surefoot.open(made, solution="large") as space:
        space.sync()
    return made


def own(root):
    return (root / "surefoot.toml").read_text(encoding="utf-8")


def promote(served, name):
    url = f"{served.url}/api/solutions/promote"
    return httpx.post(url, json={"solution": name}, timeout=60).raise_for_status().json()


def history(served):
    return httpx.get(f"{served.url}/api/solutions/history").raise_for_status().json()


def back(served, id="last", status=200):
    told = httpx.post(f"{served.url}/api/solutions/rollback", json={"id": id}, timeout=60)
    assert told.status_code == status, told.text
    return told.json()


def ask(served):
    return httpx.post(f"{served.url}/api/ask", json=ASK, timeout=60).raise_for_status().json()


def test_what_promoting_replaced_comes_back_to_the_letter_and_can_be_undone(root):
    with running(root) as served:
        before = ask(served)
        promoted = promote(served, "short")
        promoted_text = own(root)
        (kept,) = history(served)
        assert (kept["digest"], kept["why"], kept["name"]) == (before["digest"], "promote", "short")
        done = back(served, kept["id"])
        assert (done["digest"], done["sync"]) == (before["digest"], False)
        assert own(root) == NOTED
        assert ask(served)["digest"] == before["digest"]
        newest = history(served)[0]
        assert (newest["id"], newest["why"]) == (done["former"], "rollback")
        again = back(served, done["former"])
        assert (again["digest"], own(root)) == (promoted["digest"], promoted_text)
        assert len(ask(served)["hits"]) == 1
        assert back(served, again["former"])["digest"] == before["digest"]


def test_another_index_comes_back_with_the_documents_of_now(root):
    with running(root) as served:
        promote(served, "large")
        (root / "docs" / "new.md").write_text("# 新规\n\nParcels leave on Tuesdays.\n", "utf-8")
        (root / "docs" / "opening.md").unlink()
        with surefoot.open(root) as space:
            space.sync()
        assert back(served)["sync"] is False
        body = {"question": "When do parcels leave?"}
        told = httpx.post(f"{served.url}/api/ask", json=body).json()
        assert told["hits"][0]["document_id"] == "docs/new.md"
        body = {"question": "When does the shop open?"}
        told = httpx.post(f"{served.url}/api/ask", json=body).json()
        assert "docs/opening.md" not in {one["document_id"] for one in told["hits"]}


def test_sources_that_were_added_since_stay(root, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    (more / "late.md").write_text("# Late\n\nLate fees are two crowns.\n", encoding="utf-8")
    with running(root) as served:
        promote(served, "short")
        with surefoot.open(root) as space:
            space.add(str(more))
        assert back(served)["sync"] is False
        assert str(more) in own(root) and "keep = 1" not in own(root)
        assert "# 我们的笔记 our note" in own(root)
        with surefoot.open(root) as space:
            report = space.sync()
        assert (report.removed, report.added) == (0, 0)


def test_sources_that_came_by_promoting_go_and_a_sync_is_called_for(root):
    few = SOLUTION.replace('{ kind = "folder", path = "docs", name = "docs" },', "")
    (root / "solutions" / "few.toml").write_text(few, encoding="utf-8")
    with running(root) as served:
        promote(served, "few")
        assert back(served)["sync"] is True
        assert own(root) == NOTED
        with surefoot.open(root) as space:
            space.sync()
        assert ask(served)["hits"][0]["document_id"] == "docs/refunds.md"


def test_what_cannot_come_back_is_refused_and_nothing_changes(root):
    with running(root) as served:
        back(served, status=404)
        promote(served, "short")
        text, kept = own(root), history(served)
        back(served, "0" * 16, status=404)
        for wrong in ("../../x", "", "short"):
            back(served, wrong, status=422)
        assert (own(root), history(served)) == (text, kept)


def test_the_command_line_does_the_same(root, capsys):
    def say(*words):
        capsys.readouterr()
        code = run([*words, "-w", str(root)])
        heard = capsys.readouterr()
        return code, heard.out

    assert say("promote", "short")[0] == 0
    code, out = say("solutions", "history", "--json")
    (kept,) = json.loads(out)
    assert code == 0 and set(kept) == {"id", "when", "digest", "why", "name"}
    assert say("solutions", "show", "last")[1] == NOTED
    code, out = say("solutions", "rollback", "--json")
    told = json.loads(out)
    assert code == 0 and (told["id"], told["digest"]) == (kept["id"], kept["digest"])
    assert own(root) == NOTED
    assert say("solutions", "rollback", kept["id"])[0] == 0  # in force already
    assert [line.split("\t")[2] for line in say("solutions", "history")[1].splitlines()[1:]] == [
        "rollback",
        "promote",
    ]
    assert say("solutions", "rollback", "none")[0] != 0


def test_a_former_one_is_told_with_what_differs_from_the_one_in_force(root):
    with running(root) as served:
        promote(served, "short")
        url = f"{served.url}/api/solutions/history"
        told = httpx.get(f"{url}/last").raise_for_status().json()
        assert told["text"] == NOTED
        gaps = {one["path"]: (one["base"], one["other"]) for one in told["settings"]}
        assert gaps == {"stages.0.keep": (None, 1)}
        assert httpx.get(f"{url}/{'0' * 16}").status_code == 404
        assert httpx.get(f"{url}/..%2Fsurefoot").status_code in (404, 422)
