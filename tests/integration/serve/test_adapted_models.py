"""Trained models by name, with the unmodified OpenAI client: adapters of one base beside each other."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
from mcp import Client
from openai import APIStatusError, NotFoundError, OpenAI
from serving import make_space, running

from surefoot.cli.main import run
from surefoot.config.catalog import load_catalog
from surefoot.config.settings import load_settings
from surefoot.core.errors import MissingError, TransientError
from surefoot.core.roles import Message, Sampling
from surefoot.models import chat_llama
from surefoot.models.base import ModelEnv
from surefoot.models.chat import chat_file
from surefoot.models.chat_llama import LlamaChat
from surefoot.models.gguf import read_gguf
from surefoot.models.gguf_rewrite import rewrite_as
from surefoot.models.weights import model_digest
from surefoot.run.adapters import adapters_root
from surefoot.store.jobs import Job, JobBook
from surefoot.testing.small_adapter import good_parity, make_adapter
from surefoot.tune.artefact import Trained, write_card

pytest.importorskip("xllamacpp")
pytestmark = pytest.mark.slow
BASE = load_catalog().default("chat")
SHORT = f"""schema = 1
name = "short"
[[stages]]
kind = "answer"
model = "{BASE}"
plain = "answer/direct"
reply = "plain"
max_tokens = 12
"""
ASK = "Where is the harbour of the island?"


@pytest.fixture(scope="module")
def env():
    found = ModelEnv(load_settings().settings.models, threads=1)
    try:
        chat_file(BASE, found)
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the packaged chat model cannot be had: {problem}")
    return found


@pytest.fixture(scope="module")
def starts():
    """How many engines of llama.cpp were started, by their adapters."""
    started, start = [], chat_llama._start
    with pytest.MonkeyPatch.context() as patch:

        def counted(params, adapters, facts):
            started.append(len(adapters))
            return start(params, adapters, facts)

        patch.setattr(chat_llama, "_start", counted)
        yield started


@pytest.fixture(scope="module")
def house(tmp_path_factory, env, starts):
    root = make_space(tmp_path_factory.mktemp("adapted") / "house")
    (root / "solutions").mkdir()
    (root / "solutions" / "short.toml").write_text(SHORT, encoding="utf-8")
    make_adapter(root, "maritime", BASE, env, seed=1)
    make_adapter(root, "法律", BASE, env, seed=2)
    make_adapter(root, "raw", BASE, env, parity=())
    make_adapter(root, "bad", BASE, env, parity=(good_parity("gguf-adapter", 0.3),))
    make_adapter(root, "foreign", BASE, env, base_digest="0" * 64)
    with running(root) as found:
        yield found


@pytest.fixture(scope="module")
def api(house):
    with OpenAI(base_url=f"{house.url}/v1", api_key="none", max_retries=0) as made:
        yield made


def said(api, model, text=ASK, **more):
    asked = [{"role": "user", "content": text}]
    found = api.chat.completions.create(model=model, messages=asked, **more)
    assert found.model == model
    return found.choices[0].message.content


def test_two_adapters_of_one_base_are_asked_alternately_in_one_engine(api, house, starts):
    one, two = said(api, "short+maritime"), said(api, "short+法律")
    assert one != two
    house.tenant.answers.clear()
    assert [said(api, f"short+{name}") for name in ("maritime", "法律", "maritime")] == [
        one,
        two,
        one,
    ]
    assert starts == [2]


def test_a_stream_under_an_adapter_says_the_same(api, house):
    whole = said(api, "short+法律")
    house.tenant.answers.clear()
    asked = [{"role": "user", "content": ASK}]
    events = list(api.chat.completions.create(model="short+法律", messages=asked, stream=True))
    text = "".join(one.choices[0].delta.content or "" for one in events if one.choices)
    assert text == whole
    assert {one.model for one in events} == {"short+法律"}


def test_an_adapter_alone_is_asked_in_the_own_solution_over_its_documents(api, house, starts):
    body = {"question": "When are refunds paid?", "model": "maritime"}
    told = httpx.post(f"{house.url}/api/ask", json=body, timeout=60).json()
    assert told["model"] == "house+maritime"
    assert told["hits"]
    kinds = [one["kind"] for one in told["stages"]]
    assert kinds[-1] == "answer" and "quote" not in kinds
    assert told["usage"]["completion_tokens"] > 0
    assert len(starts) == 2  # that of the other solution, and that of this


def test_what_can_be_asked_is_listed_and_what_cannot_says_why(api, house):
    listed = {one.id: one for one in api.models.list()}
    assert list(listed) == ["house", "short", "maritime", "法律"]
    assert listed["maritime"].owned_by == "surefoot"
    age = adapters_root(house.tenant.root) / "maritime" / "adapter.gguf"
    assert abs(listed["maritime"].created - age.stat().st_mtime) < 60
    assert api.models.retrieve("short+法律").id == "short+法律"
    told = httpx.get(f"{house.url}/api/adapters").json()["adapters"]
    why = {one["name"]: (one["model"], one["why"]) for one in told}
    assert why["maritime"] == ("maritime", "")
    assert why["raw"][0] == "" and "was not compared" in why["raw"][1]
    assert "does not answer as the trained model" in why["bad"][1]
    assert "surefoot adapters export bad" in why["bad"][1]
    assert "other weights" in why["foreign"][1]


def test_an_unknown_one_is_refused_with_the_names_of_those_there_are(api):
    for wrong in ("none", "short+none", "none+maritime", "+maritime", "short+", "maritime+short"):
        with pytest.raises(NotFoundError, match="known: house, short, maritime, 法律"):
            said(api, wrong)
    for wrong in ("short+none", "none"):
        with pytest.raises(NotFoundError):
            api.models.retrieve(wrong)


def test_one_that_cannot_be_asked_says_why_and_not_where_it_lies(api, house):
    for name, status, why in (
        ("raw", 422, "raw: .*was not compared"),
        ("bad", 422, "surefoot adapters export bad"),
        ("foreign", 400, "other weights"),
    ):
        with pytest.raises(APIStatusError, match=why) as refused:
            said(api, name)
        assert refused.value.status_code == status
        assert str(house.tenant.root) not in refused.value.message


def test_an_agent_asks_it_over_mcp(house):
    async def ask():
        async with Client(f"{house.url}/mcp") as client:
            return await client.call_tool("ask", {"question": ASK, "model": "short+法律"})

    body = {"question": ASK, "model": "short+法律"}
    wanted = httpx.post(f"{house.url}/api/ask", json=body, timeout=60).json()["answer"]
    assert asyncio.run(ask()).structured_content["answer"] == wanted


def test_whole_weights_answer_in_the_place_of_their_base(api, house, env, starts):
    """Here they are the base's own file, on the engine that reads it best."""
    root, before = house.tenant.root, len(starts)
    folder = adapters_root(root) / "whole"
    folder.mkdir()
    (folder / "model.gguf").symlink_to(chat_file(BASE, env))
    card = {"name": "whole", "kind": "weights", "method": "full", "base": BASE}
    digest = model_digest(BASE, env)
    write_card(folder, Trained(**card, base_digest=digest, parity=(good_parity("gguf"),)))
    try:
        assert said(api, "short+whole")
        assert len(starts) == before
        told = httpx.get(f"{house.url}/api/adapters/whole").json()
        assert (told["model"], [one["form"] for one in told["forms"]]) == ("whole", ["gguf"])
    finally:
        shutil.rmtree(folder)


def test_responses_and_digests_are_of_the_adapter(api, house):
    def ask(model):
        body = {"question": ASK, "model": model}
        return httpx.post(f"{house.url}/api/ask", json=body, timeout=60).json()

    told = [ask(model) for model in ("short+maritime", "short+法律")]
    assert told[0]["digest"] != told[1]["digest"]
    assert told[0]["answer"] != told[1]["answer"]
    made = api.responses.create(model="short+maritime", input=ASK)
    assert made.model == "short+maritime"
    assert made.output_text == said(api, "short+maritime")


def test_traces_name_the_adapter_and_are_asked_again_with_it(api, house, starts):
    body = {"question": "Who lives on the island?", "model": "short+maritime"}
    told = httpx.post(f"{house.url}/api/ask", json=body, timeout=60).json()
    listed = httpx.get(f"{house.url}/api/traces", params={"solution": "short+maritime"}).json()
    assert told["trace_id"] in [one["trace_id"] for one in listed["data"]]
    url = f"{house.url}/api/traces/{told['trace_id']}/replay"
    before = len(starts)
    again = httpx.post(url, json={"set": {"stages.0.max_tokens": 13}}, timeout=60).json()
    assert again["otherwise"] == []
    assert again["now"]["solution"] == "short+maritime"
    assert len(starts) == before


def test_the_solution_of_a_key_may_be_an_adapter(tmp_path, house, env):
    root = tmp_path / "keyed"
    shutil.copytree(house.tenant.root, root, ignore=shutil.ignore_patterns("*.sqlite*"))
    (root / "surefoot.toml").write_text(SHORT.replace('"short"', '"own"', 1), encoding="utf-8")
    with running(root, keys=True) as served:
        token = served.key("ask")
        book = served.tenant.keys
        (key,) = book.all()
        book.change(replace(key, solution="法律"))
        head = {"Authorization": f"Bearer {token}"}
        told = httpx.post(
            f"{served.url}/api/ask", json={"question": ASK}, headers=head, timeout=60
        ).json()
        assert told["model"] == "own+法律"
        assert book.used(key.id, time.time_ns()).tokens > 12
        trains = served.key("tune")
        (other,) = (one for one in book.all() if one.id != key.id)
        told = httpx.post(
            f"{served.url}/api/adapters/法律/try",
            json={"text": ASK, "max_tokens": 4},
            headers={"Authorization": f"Bearer {trains}"},
            timeout=60,
        )
        assert told.status_code == 200
        assert book.used(other.id, time.time_ns()).tokens > 8
        for method, path in (
            ("GET", "/api/adapters"),
            ("GET", "/api/adapters/法律"),
            ("DELETE", "/api/adapters/法律"),
            ("POST", "/api/adapters/法律/try"),
            ("GET", "/api/solutions/history"),
            ("POST", "/api/solutions/rollback"),
        ):
            body = {"text": "x"} if path.endswith("try") else {"id": "last"}
            body = body if method == "POST" else None
            assert httpx.request(method, served.url + path, json=body).status_code == 401
            refused = httpx.request(method, served.url + path, json=body, headers=head)
            assert refused.status_code == 403, path


def test_an_adapter_is_tried_beside_its_base(house, env, starts):
    url, before = f"{house.url}/api/adapters/maritime/try", len(starts)
    body = {"text": ASK, "system": "Answer briefly.", "max_tokens": 12}
    told = httpx.post(url, json=body, timeout=60).json()
    assert told["with"]["text"] != told["without"]["text"]
    assert 0 < told["without"]["tokens"] <= 12 and told["with"]["seconds"] > 0
    assert len(starts) == before  # in the engine that is open
    facts = read_gguf(chat_file(BASE, env))
    plain = rewrite_as(facts.path, env.cache, frozenset({"F32", "F16", "BF16"}), "F16")
    asked = [Message("system", "Answer briefly."), Message("user", ASK)]
    with closing(LlamaChat(facts, env, None, plain)) as alone:
        wanted = alone.chat(asked, Sampling(max_tokens=12)).text
    assert told["without"]["text"] == wanted
    for wrong in ({}, {"text": ""}, {"text": "x" * 8001}, {"text": "x", "max_tokens": 10**6}):
        assert httpx.post(url, json=wrong).status_code == 422
    assert httpx.post(url.replace("maritime", "none"), json=body).status_code == 404
    assert httpx.post(url.replace("maritime", "bad"), json=body).status_code == 422


def test_new_changed_and_removed_ones_are_seen_at_once(api, house, env):
    root = house.tenant.root
    with pytest.raises(NotFoundError):
        said(api, "short+late")
    make_adapter(root, "late", BASE, env, seed=3)
    one = said(api, "short+late")
    assert "late" in [each.id for each in api.models.list()]
    assert one != said(api, "short+maritime")
    make_adapter(root, "late", BASE, env, seed=4)
    assert said(api, "short+late") != one
    use = root / "solutions" / "user.toml"
    use.write_text(SHORT.replace("max_tokens", 'adapter = "late"\nmax_tokens'), encoding="utf-8")
    url = f"{house.url}/api/adapters/late"
    assert httpx.get(url).json()["named_by"] == ["solutions/user.toml"]
    refused = httpx.delete(url)
    assert refused.status_code == 409 and "solutions/user.toml" in refused.text
    use.unlink()
    removed = httpx.delete(url).json()
    assert removed["name"] == "late" and removed["bytes"] > 1000
    with pytest.raises(NotFoundError):
        said(api, "short+late")
    assert "late" not in [each.id for each in api.models.list()]


def test_a_finished_training_names_what_can_be_asked(api, house):
    """`raw` was not compared with what was trained, so that there is nothing to ask."""
    book = JobBook.at(house.tenant.root / ".surefoot")
    for letter, name in (("a", "法律"), ("b", "raw")):
        asked = {"name": name, "training_file": "file-1", "base": BASE}
        book.put(Job(f"ftjob-{letter * 32}", "tune", (), 1, state="done", asked=asked, ended_ns=2))
    book.close()
    done = api.fine_tuning.jobs.retrieve(f"ftjob-{'a' * 32}")
    assert (done.status, done.fine_tuned_model) == ("succeeded", "法律")
    assert api.models.retrieve(done.fine_tuned_model).id == "法律"
    assert api.fine_tuning.jobs.retrieve(f"ftjob-{'b' * 32}").fine_tuned_model is None


def test_the_command_line_asks_an_adapter_too(house, capsys):
    capsys.readouterr()
    words = ["ask", ASK, "--adapter", "法律", "--solution", "short", "--json"]
    assert run([*words, "-w", str(house.tenant.root)]) == 0
    told = json.loads(capsys.readouterr().out)
    body = {"question": ASK, "model": "short+法律"}
    assert told["answer"]["text"] == httpx.post(f"{house.url}/api/ask", json=body).json()["answer"]


def test_an_adapter_that_is_called_as_a_solution_is_asked_by_both_names(api, house, env):
    root = house.tenant.root
    make_adapter(root, "short", BASE, env, seed=5)
    try:
        told = httpx.get(f"{house.url}/api/adapters/short").json()
        assert told["model"] == "house+short"
        assert "house+short" in [each.id for each in api.models.list()]
        assert (told["rows"], told["steps"], told["loss"], told["curve"]) == (60, 20, 0.5, [])
    finally:
        shutil.rmtree(adapters_root(root) / "short")
