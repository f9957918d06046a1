"""The interview and the advice over HTTP, in both languages."""

from __future__ import annotations

import httpx
import pytest
from serving import make_space, running


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("advise") / "house"), keys=True) as found:
        yield found


def call(served, method, path, token="", **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.request(method, f"{served.url}{path}", headers=headers, timeout=30, **more)


def test_the_interview_is_asked_in_both_languages(served):
    asked = call(served, "GET", "/api/advise/questions").json()["data"]
    assert asked[0]["key"] == "knowledge"
    for one in asked:
        assert set(one["said"]) == set(one["short"]) == {"en", "zh"}
        for option in one["options"]:
            assert set(option["said"]) == {"en", "zh"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_answers_lead_to_advice_with_reasons(served, lang):
    body = {"answers": {"changes": "weekly", "traceable": True, "labelled": 40}, "lang": lang}
    said = call(served, "POST", "/api/advise", json=body).json()
    assert (said["path"], said["lang"]) == ("rag", lang)
    assert said["reasons"]
    assert said["steps"][0]["command"].startswith("surefoot")
    assert said["answers"]["labelled"] == 40
    assert "knowledge" in said["seen"]
    assert "behaviour" in said["open"]
    assert said["evidence"] is None
    assert len(said["table"][0]["ranks"]) == 4


def test_wrong_answers_are_told(served):
    for answers, status in (
        ({"changes": "hourly"}, 400),
        ({"weather": "fine"}, 400),
        ({"labelled": -1}, 422),
    ):
        assert call(served, "POST", "/api/advise", json={"answers": answers}).status_code == status
    assert call(served, "POST", "/api/advise", json={"compare": "last"}).status_code == 404


def test_the_workspace_is_looked_at_for_who_reads_everything(locked):
    anna, owner = locked.key("ask", user="anna"), locked.key("admin")
    assert "knowledge" in call(locked, "POST", "/api/advise", owner, json={}).json()["seen"]
    assert "knowledge" not in call(locked, "POST", "/api/advise", anna, json={}).json()["seen"]
    body = {"compare": "last"}
    assert call(locked, "POST", "/api/advise", anna, json=body).status_code == 403
