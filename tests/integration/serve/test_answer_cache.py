"""The same question over the same documents is answered from what was kept; nobody gets what is another's or gone."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai import OpenAI
from serving import SOLUTION, make_space, running

import surefoot
from surefoot.core.types import Acl
from surefoot.testing.index_samples import held_by, with_rights

QUESTIONS = ("When are refunds paid?", "退款什么时候支付？")
SALARIES = "On which day are salaries paid?"


@pytest.fixture
def house(tmp_path):
    with running(make_space(tmp_path / "house")) as found:
        yield found


def ask(house, question=QUESTIONS[0], token="", **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"question": question, **more}
    reply = httpx.post(f"{house.url}/api/ask", json=body, headers=headers, timeout=60)
    assert reply.status_code == 200, reply.text
    return reply


def counted(house, result):
    name = f'surefoot_answer_cache_total{{result="{result}"}} '
    text = httpx.get(f"{house.url}/metrics").text
    return next((float(one[len(name) :]) for one in text.splitlines() if one.startswith(name)), 0)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_question_is_answered_from_what_was_kept(house, question):
    first, second = ask(house, question).json(), ask(house, question).json()
    assert (first["cached"], second["cached"]) == (False, True)
    same = ("answer", "citations", "hits", "stages", "confidence", "digest", "model")
    assert [first[name] for name in same] == [second[name] for name in same]
    assert second["usage"]["calls"] == 0
    assert counted(house, "hit") == 1 and counted(house, "miss") == 1
    trace = httpx.get(f"{house.url}/api/traces/{second['trace_id']}").json()
    assert first["trace_id"] != second["trace_id"]
    assert (trace["question"], trace["answer"]) == (question, second["answer"])
    assert trace["spans"][0]["attributes"]["surefoot.former"] == first["trace_id"]


def test_what_may_change_an_answer_asks_anew(house):
    assert not ask(house).json()["cached"]
    near = {"type": "eq", "key": "lang", "value": "en"}
    for more in (
        {"seed": 1},
        {"filters": near},
        {"history": [{"question": "Hello?", "answer": "Hello."}]},
    ):
        assert not ask(house, **more).json()["cached"]
        assert ask(house, **more).json()["cached"]
    file = house.tenant.root / "surefoot.toml"
    file.write_text(SOLUTION.replace('"search"', '"search"\nkeep = 3'), encoding="utf-8")
    assert not ask(house).json()["cached"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_streams_come_from_it_too(house, question):
    answer = ask(house, question).json()["answer"]
    events = ask(house, question, stream=True).text.split("\n\n")
    told = [json.loads(one.partition("data: ")[2]) for one in events if one]
    assert told[-1]["cached"] and told[-1]["answer"] == answer
    assert "".join(one["text"] for one in told if "text" in one and "answer" not in one) == answer
    assert [one.partition("\n")[0] for one in events[:2]] == ["event: stage", "event: stage"]
    with OpenAI(base_url=f"{house.url}/v1", api_key="none", max_retries=0) as api:
        talk = [{"role": "user", "content": question}]
        whole = api.chat.completions.with_raw_response.create(model="house", messages=talk)
        assert whole.headers["x-surefoot-cached"] == "true"
        assert whole.parse().choices[0].message.content == answer
        chunks = list(api.chat.completions.create(model="house", messages=talk, stream=True))
        texts = [one.choices[0].delta.content or "" for one in chunks if one.choices]
        assert "".join(texts) == answer
        assert chunks[-1].surefoot["cached"]


@pytest.mark.parametrize(
    ("text", "question", "canary"),
    [
        ("# Canary\n\nThe canary is called Zerbinetta.\n", "Who is the canary?", "Zerbinetta"),
        ("# 金丝雀\n\n金丝雀名叫翠羽。\n", "金丝雀叫什么名字？", "翠羽"),
    ],
)
def test_what_is_deleted_is_in_no_kept_answer(house, text, question, canary):
    with OpenAI(base_url=f"{house.url}/v1", api_key="none", max_retries=0) as api:
        file = api.files.create(file=("canary.md", text.encode()), purpose="assistants")
        api.vector_stores.create(file_ids=[file.id])
        assert canary in ask(house, question).text
        assert ask(house, question).json()["cached"]
        assert canary in repr(house.tenant.answers)
        api.files.delete(file.id)
        assert house.tenant.answers.held == (0, 0)
        assert canary not in repr(house.tenant.answers)
        again = ask(house, question)
        assert not again.json()["cached"] and canary not in again.text


def test_what_is_synced_elsewhere_is_asked_anew_and_the_former_is_gone(house):
    assert "thirty" not in ask(house).text and ask(house).json()["cached"]
    file = house.tenant.root / "docs" / "refunds.md"
    file.write_text("# Refunds\n\nRefunds are paid within thirty-one days.\n", encoding="utf-8")
    with surefoot.open(house.tenant.root) as other:
        other.sync()
    found = ask(house)
    assert not found.json()["cached"] and "thirty-one" in found.text
    assert "30 days" not in repr(house.tenant.answers)


def test_rights_of_others_are_others(house):
    ann = house.key("ask", user="ann", groups=("staff",))
    bob = house.key("ask", user="bob")
    everything = house.key("ask", "admin")
    for token in (ann, everything):
        assert "25th" in ask(house, SALARIES, token).text
        assert ask(house, SALARIES, token).json()["cached"]
    other = ask(house, SALARIES, bob)
    assert "25th" not in other.text and not other.json()["cached"]
    again = house.key("ask", user="ann", groups=("staff",))
    found = ask(house, SALARIES, again).json()
    assert found["cached"]
    mine = {"Authorization": f"Bearer {again}"}
    assert httpx.get(f"{house.url}/api/traces/{found['trace_id']}", headers=mine).status_code == 200


def test_it_may_be_off(tmp_path):
    root = make_space(tmp_path / "house")
    (root / ".surefoot" / "settings.toml").write_text("answer_cache = 0\n")
    with running(root) as house:
        assert [ask(house).json()["cached"] for _ in range(2)] == [False, False]
        assert house.tenant.answers.held == (0, 0)


def test_tenants_share_nothing(tmp_path):
    roots = [make_space(tmp_path / name / f"house-{name}") for name in "ab"]
    with running(*roots) as houses:
        tokens = []
        for tenant in houses.tenants.all:
            _, token = tenant.keys.create("test", ("ask",), 1)
            tokens.append(token)
        assert [ask(houses, token=token).json()["cached"] for token in tokens] == [False, False]
        assert [ask(houses, token=token).json()["cached"] for token in tokens] == [True, True]


USERS, GROUPS = ("ann", "王伟"), ("staff", "财务")
acls = st.builds(
    Acl,
    public=st.sampled_from((False, False, True)),
    users=st.lists(st.sampled_from(USERS), max_size=1).map(tuple),
    groups=st.lists(st.sampled_from(GROUPS), max_size=1).map(tuple),
)
askers = st.tuples(
    st.sampled_from(("", *USERS)), st.lists(st.sampled_from(GROUPS), max_size=1).map(tuple)
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A server that keeps answers, and one over the same documents that keeps none."""
    roots = [make_space(tmp_path_factory.mktemp(name) / "house") for name in "ab"]
    (roots[1] / ".surefoot" / "settings.toml").write_text("answer_cache = 0\n")
    with running(roots[0], keys=True) as keeping, running(roots[1], keys=True) as asking:
        yield keeping, asking


@pytest.mark.slow
@given(
    rights=st.lists(acls, min_size=4, max_size=4),
    asked=st.lists(askers, min_size=2, max_size=4),
    question=st.sampled_from((*QUESTIONS, SALARIES)),
)
@settings(
    deadline=None,
    derandomize=True,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whoever_asks_is_told_what_they_would_be_told_without_it(pair, rights, asked, question):
    for house in pair:
        with house.tenant.using() as space:
            index = space.resources.index()
            held = list(held_by(index))
            index.replace([with_rights(one, acl) for one, acl in zip(held, rights, strict=True)])
    for user, groups in [("", ()), *asked, *asked]:
        said = []
        for house in pair:
            found = ask(house, question, house.key("ask", user=user, groups=groups)).json()
            said.append([found[name] for name in ("answer", "hits", "citations", "confidence")])
        told = json.dumps(said, ensure_ascii=False).replace(pair[0].url, pair[1].url)
        first, second = json.loads(told)
        assert first == second
