"""`/v1/responses` with the OpenAI client, unmodified, against a real server."""

from __future__ import annotations

import sqlite3
from threading import Event

import httpx
import pytest
from openai import BadRequestError, NotFoundError, OpenAI, UnprocessableEntityError
from serving import SOLUTION, make_space, running

import surefoot
from surefoot.run.pipeline import Pipeline
from surefoot.run.purging import purge

RESULTS = "file_search_call.results"
ASKED = {
    "en": ("When are refunds paid?", "30 days"),
    "zh": ("退款多久支付？", "三十天"),
}
FILES = {
    "en": ("canary.md", "# Canary\n\nThe canary sings at dawn.\n", "When does the canary sing?"),
    "zh": ("金丝雀.md", "# 金丝雀\n\n金丝雀在黎明歌唱。\n", "金丝雀什么时候歌唱？"),
}
BEFORE = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.file_search_call.in_progress",
    "response.file_search_call.searching",
    "response.file_search_call.completed",
    "response.output_item.done",
    "response.output_item.added",
    "response.content_part.added",
]
AFTER = [
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
]
DELTA, CITED = "response.output_text.delta", "response.output_text.annotation.added"


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("responses") / "house"), keys=True) as found:
        yield found


@pytest.fixture
def api(served):
    with OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0) as made:
        yield made


def client(served, *scopes, **more):
    token = served.key(*(scopes or ("ask",)), **more)
    return OpenAI(base_url=f"{served.url}/v1", api_key=token, max_retries=0)


def store_of(api, name, text, **attributes):
    file = api.files.create(file=(name, text.encode()), purpose="assistants")
    store = api.vector_stores.create()
    api.vector_stores.files.create(
        vector_store_id=store.id, file_id=file.id, attributes=attributes or None
    )
    return store, file


def answered(api, stream, **asked):
    if stream:
        return list(api.responses.create(**asked, stream=True))[-1].response
    return api.responses.create(**asked)


@pytest.mark.parametrize("lang", ASKED)
def test_an_answer_comes_with_its_search_and_its_citations(api, served, lang):
    question, words = ASKED[lang]
    reply = api.responses.create(model="house", input=question, metadata={"for": "tests"})
    search, message = reply.output
    assert (reply.object, reply.status, reply.model) == ("response", "completed", "house")
    assert (search.type, search.status, search.queries) == (
        "file_search_call",
        "completed",
        [question],
    )
    assert search.results is None
    assert words in reply.output_text
    cited = message.content[0].annotations[0]
    assert cited.type == "url_citation"
    assert reply.output_text[cited.start_index : cited.end_index].startswith("[")
    assert cited.url.startswith(served.url)
    assert words in cited.quote
    assert reply.metadata == {"for": "tests"}
    assert reply.usage.total_tokens == reply.usage.input_tokens + reply.usage.output_tokens
    assert reply.surefoot["trace_id"]


@pytest.mark.parametrize("lang", ASKED)
def test_events_come_in_their_order_and_say_the_same(api, lang):
    question, _ = ASKED[lang]
    whole = api.responses.create(model="house", input=question, include=[RESULTS])
    events = list(
        api.responses.create(model="house", input=question, include=[RESULTS], stream=True)
    )
    kinds = [event.type for event in events]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert kinds[: len(BEFORE)] == BEFORE
    assert kinds[-len(AFTER) :] == AFTER
    middle = kinds[len(BEFORE) : -len(AFTER)]
    assert middle == sorted(middle, key=[DELTA, CITED].index)
    assert set(middle) == {DELTA, CITED}
    assert "".join(event.delta for event in events if event.type == DELTA) == whole.output_text
    last = events[-1].response
    assert last.output_text == whole.output_text
    assert last.output[0].results == whole.output[0].results != []
    assert last.output[1].content == whole.output[1].content
    told = [event.annotation for event in events if event.type == CITED]
    assert told
    assert [one.model_dump() for one in told] == [
        one.model_dump() for one in last.output[1].content[0].annotations
    ]
    assert api.responses.retrieve(last.id).output_text == whole.output_text
    with api.responses.stream(model="house", input=question) as stream:
        assert stream.get_final_response().output_text == whole.output_text


def test_results_are_told_where_they_are_asked_for(api):
    question, words = ASKED["en"]
    reply = api.responses.create(model="house", input=question, include=[RESULTS])
    assert words in reply.output[0].results[0].text
    assert api.responses.retrieve(reply.id).output[0].results is None
    again = api.responses.retrieve(reply.id, include=[RESULTS])
    assert again.output[0].results == reply.output[0].results


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("lang", FILES)
def test_a_search_in_stores_finds_their_files_alone(api, lang, stream):
    name, text, question = FILES[lang]
    store, file = store_of(api, name, text, year=2024)
    other, _ = store_of(api, f"other {name}", "Something else altogether.\n")

    def ask(said, store, **more):
        tool = {"type": "file_search", "vector_store_ids": [store.id], **more}
        asked = {"model": "house", "input": said, "tools": [tool], "include": [RESULTS]}
        return answered(api, stream, **asked)

    reply = ask(question, store)
    assert {one.file_id for one in reply.output[0].results} == {file.id}
    cited = reply.output[1].content[0].annotations[0]
    assert (cited.type, cited.file_id, cited.filename) == ("file_citation", file.id, name)
    assert reply.output_text[cited.index] == "["
    assert reply.tools[0].vector_store_ids == [store.id]
    assert file.id not in {one.file_id for one in ask(question, other).output[0].results}
    assert ASKED[lang][1] not in ask(ASKED[lang][0], store).output_text
    assert ask(question, store, filters={"type": "eq", "key": "year", "value": 2024}).output[1]
    late = ask(question, store, filters={"type": "gt", "key": "year", "value": 2024})
    assert late.output[0].results == []
    assert late.surefoot["refused"]
    with pytest.raises(NotFoundError):
        api.responses.create(
            model="house",
            input=question,
            stream=stream,
            tools=[{"type": "file_search", "vector_store_ids": ["vs_none"]}],
        )


def test_an_empty_store_answers_nothing_and_results_are_bounded(locked):
    api = client(locked, "ask", "search", "write")
    store = api.vector_stores.create()
    tool = {"type": "file_search", "vector_store_ids": [store.id], "max_num_results": 1}
    asked = {"model": "house", "input": ASKED["en"][0], "include": [RESULTS]}
    nothing = api.responses.create(tools=[tool], **asked)
    assert nothing.output[0].results == []
    assert nothing.surefoot["refused"]
    for n in (1, 2):
        file = api.files.create(
            file=(f"{n}.md", f"Refunds of kind {n}.\n".encode()), purpose="assistants"
        )
        api.vector_stores.files.create(vector_store_id=store.id, file_id=file.id)
    one = api.responses.create(tools=[tool], **asked)
    streamed = answered(api, True, tools=[tool], **asked)
    assert len(one.output[0].results) == 1
    assert streamed.output[0].results == one.output[0].results
    cited = {mark.file_id for part in one.output[1].content for mark in part.annotations}
    assert cited == {one.output[0].results[0].file_id}
    many = api.responses.create(tools=[{**tool, "max_num_results": 2}], **asked)
    assert len(many.output[0].results) == 2


@pytest.mark.parametrize("stream", [False, True])
def test_a_conversation_goes_on(api, stream):
    first = api.responses.create(model="house", input=ASKED["en"][0], instructions="Be nice.")
    assert any("system" in note for note in first.surefoot["notes"])
    more = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_text", "text": ASKED["zh"][0]}]},
    ]
    asked = {"model": "house", "input": more, "previous_response_id": first.id}
    second = answered(api, stream, **asked)
    assert ASKED["zh"][1] in second.output_text
    assert second.previous_response_id == first.id
    assert second.instructions is None
    items = list(api.responses.input_items.list(second.id, order="asc", limit=1))
    assert [(item.role, item.content[0].text) for item in items] == [
        ("developer", "Be brief."),
        ("user", ASKED["zh"][0]),
    ]
    third = api.responses.create(
        model="house",
        input=[
            {"role": "user", "content": "x"},
            *second.output,
            {"role": "user", "content": "退款？"},
        ],
    )
    assert third.status == "completed"


@pytest.mark.parametrize("lang", ASKED)
def test_what_was_said_before_reaches_the_question(locked, lang):
    """The trace of the follow-up has the conversation, both questions with their answers."""
    from surefoot.serve.holdings import holdings
    from surefoot.serve.openai.chat_shapes import conversation_of
    from surefoot.serve.openai.responses.kept import Shelf
    from surefoot.serve.who import Principal

    api = client(locked)
    first = api.responses.create(model="house", input=ASKED[lang][0])
    second = api.responses.create(model="house", input="?!", previous_response_id=first.id)
    with holdings(Principal(locked.tenant)) as held:
        said = Shelf(Principal(locked.tenant), held.records).conversation(second.id)
    text, history = conversation_of([*said, *said[:1]], "input")
    assert text == ASKED[lang][0]
    assert history == ((ASKED[lang][0], first.output_text), ("?!", second.output_text))


def test_a_response_is_for_the_key_that_made_it_and_the_owner(locked):
    one, other = client(locked, user="anna"), client(locked, user="anna")
    made = one.responses.create(model="house", input=ASKED["en"][0])
    assert one.responses.retrieve(made.id).output_text == made.output_text
    for call in (
        other.responses.retrieve,
        other.responses.delete,
        other.responses.input_items.list,
        lambda id: other.responses.create(model="house", input="x", previous_response_id=id),
    ):
        with pytest.raises(NotFoundError):
            call(made.id)
    assert client(locked, "admin", "ask").responses.retrieve(made.id).id == made.id
    refused = httpx.get(
        f"{locked.url}/v1/responses/{made.id}",
        headers={"Authorization": f"Bearer {locked.key('search')}"},
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "scope")


def test_what_is_deleted_or_was_not_kept_is_not_found(api):
    first = api.responses.create(model="house", input=ASKED["en"][0])
    second = api.responses.create(model="house", input="And?", previous_response_id=first.id)
    api.responses.delete(first.id)
    with pytest.raises(NotFoundError):
        api.responses.retrieve(first.id)
    assert api.responses.retrieve(second.id).id == second.id
    with pytest.raises(NotFoundError, match=first.id):
        api.responses.create(model="house", input="So?", previous_response_id=second.id)
    loose = api.responses.create(model="house", input=ASKED["en"][0], store=False)
    assert loose.store is False
    with pytest.raises(NotFoundError):
        api.responses.retrieve(loose.id)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"background": True}, "background"),
        ({"text": {"format": {"type": "json_object"}}}, "text"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input"),
        (
            {
                "input": [
                    {"role": "user", "content": [{"type": "input_image", "image_url": "data:,x"}]}
                ]
            },
            "input",
        ),
        (
            {
                "tools": [
                    {
                        "type": "file_search",
                        "vector_store_ids": ["vs_x"],
                        "ranking_options": {"score_threshold": 0.5},
                    }
                ]
            },
            "tools.ranking_options",
        ),
    ],
)
def test_what_is_not_served_is_refused(api, more, param, stream):
    with pytest.raises(BadRequestError) as problem:
        api.responses.create(**{"model": "house", "input": "x", **more}, stream=stream)
    assert (problem.value.code, problem.value.param) == ("unsupported", param)


@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_honoured_is_taken_and_told(api, stream):
    sent = {
        "temperature": 0.7,
        "max_output_tokens": 50,
        "top_p": 0.9,
        "truncation": "auto",
        "reasoning": {"effort": "low"},
        "parallel_tool_calls": False,
        "user": "anna",
        "metadata": {"for": "tests"},
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "tool_choice": "auto",
        "service_tier": "auto",
        "prompt_cache_key": "k",
    }
    reply = answered(api, stream, model="house", input=ASKED["en"][0], **sent)
    assert reply.status == "completed" and reply.metadata == {"for": "tests"}
    told = " ".join(reply.surefoot["notes"])
    for name in ("top_p", "truncation", "reasoning", "include reasoning.encrypted_content"):
        assert name in told
    assert "no chat model wrote this answer: temperature, max_tokens changed nothing" in told
    for name in ("parallel_tool_calls", "user", "tool_choice", "service_tier", "prompt_cache_key"):
        assert name not in told
    chat = api.chat.completions.create(
        model="house",
        messages=[{"role": "user", "content": ASKED["en"][0]}],
        temperature=0.7,
        max_tokens=50,
        top_p=0.9,
        user="anna",
        frequency_penalty=0,
        extra_body={"reasoning_effort": "low", "prompt_cache_key": "k"},
    )
    said = " ".join(chat.surefoot["notes"])
    assert "solution decides it: top_p, reasoning_effort" in said
    assert "temperature, max_tokens changed nothing" in said
    plain = answered(api, stream, model="house", input=ASKED["en"][0])
    assert not plain.surefoot["notes"]


def test_responses_are_kept_for_the_days_of_the_setting(tmp_path):
    root = make_space(tmp_path / "house")
    with running(root, response_keep_days=1) as served:
        api = OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0)
        old = api.responses.create(model="house", input=ASKED["en"][0])
        new = api.responses.create(model="house", input=ASKED["en"][0])
        database = sqlite3.connect(root / ".surefoot" / "ledger.sqlite")
        with database:
            aged = "UPDATE served_records SET created_ns = created_ns - 86400 * 1000000000 WHERE id = ?"
            database.execute(aged, (old.id,))
        with pytest.raises(NotFoundError):
            api.responses.retrieve(old.id)
        with pytest.raises(NotFoundError):
            api.responses.create(model="house", input="And?", previous_response_id=old.id)
        assert api.responses.retrieve(new.id).id == new.id
        api.responses.create(model="house", input=ASKED["zh"][0])
        rows = database.execute("SELECT id FROM served_records WHERE kind = 'response'").fetchall()
        database.close()
        assert (old.id,) not in rows and (new.id,) in rows
    with running(root, response_keep_days=0) as served:
        api = OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0)
        assert api.responses.create(model="house", input=ASKED["en"][0]).store is False


@pytest.mark.parametrize("owner", [False, True])
def test_a_stream_is_stopped_by_whoever_began_it(locked, monkeypatch, owner):
    halted, go = Event(), Event()
    locate = Pipeline._step

    def slow(self, named, turn, call):
        after = locate(self, named, turn, call)
        halted.set()
        go.wait(20)
        return after

    monkeypatch.setattr(Pipeline, "_step", slow)
    one, other = client(locked), client(locked)
    question = f"When are refunds paid, if {owner} is so?"  # never answered before
    stream = iter(one.responses.create(model="house", input=question, stream=True))
    id = next(stream).response.id
    assert halted.wait(20)
    with pytest.raises(NotFoundError):
        other.responses.cancel(id)
    stopper = client(locked, "admin", "ask") if owner else one
    assert stopper.responses.cancel(id).status == "cancelled"
    go.set()
    events = list(stream)
    assert (events[-1].type, events[-1].response.status) == ("response.incomplete", "cancelled")
    with pytest.raises(NotFoundError):
        one.responses.retrieve(id)
    monkeypatch.undo()
    done = one.responses.create(model="house", input=ASKED["en"][0])
    with pytest.raises(BadRequestError, match="completed"):
        one.responses.cancel(done.id)


def test_what_changes_nothing_is_taken(api):
    neutral = {
        "background": False,
        "truncation": "disabled",
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "parallel_tool_calls": True,
        "user": "anna",
    }
    reply = api.responses.create(model="house", input=ASKED["en"][0], extra_body=neutral)
    assert reply.status == "completed"


@pytest.mark.parametrize("stream", [False, True])
def test_what_is_wrong_is_told(api, served, stream):
    with pytest.raises(NotFoundError, match="known: house"):
        api.responses.create(model="gpt", input="x", stream=stream)
    with pytest.raises(BadRequestError, match="last message"):
        api.responses.create(
            model="house", input=[{"role": "assistant", "content": "x"}], stream=stream
        )
    with pytest.raises(UnprocessableEntityError):
        api.responses.create(
            model="house", input="x", tools=[{"type": "file_search"}], stream=stream
        )
    wrong = '{"input": "x", "metadata": {"a": "\\ud800"}}'
    assert httpx.post(f"{served.url}/v1/responses", content=wrong).status_code == 422


@pytest.mark.parametrize("lang", FILES)
def test_what_quotes_a_removed_document_is_gone_with_it(tmp_path, lang):
    name, text, question = FILES[lang]
    root = make_space(tmp_path / "house")
    (root / "docs" / name).write_text(text, encoding="utf-8")
    with surefoot.open(root) as space:
        space.sync()
    with running(root) as served, OpenAI(base_url=f"{served.url}/v1", api_key="none") as api:
        made = api.responses.create(model="house", input=question)
        other = api.responses.create(model="house", input="hello", store=False)
        assert api.responses.retrieve(made.id).output_text == made.output_text
        (root / "docs" / name).unlink()
        with surefoot.open(root) as space:
            space.sync()
        for path in ("", "/input_items"):
            assert httpx.get(f"{served.url}/v1/responses/{made.id}{path}").status_code == 404
        with pytest.raises(NotFoundError):
            api.responses.create(model="house", input="And then?", previous_response_id=made.id)
        with surefoot.open(root) as space:
            assert purge(space).responses == 1
        assert other.id != made.id
    held = (root / ".surefoot" / "ledger.sqlite").read_bytes()
    assert text.splitlines()[2].encode() not in held


def test_a_stream_that_fails_says_so(tmp_path):
    silent = SOLUTION[: SOLUTION.rindex("[[stages]]")]
    with running(make_space(tmp_path / "house", silent)) as served:
        api = OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0)
        events = list(api.responses.create(model="house", input="x", stream=True))
        assert [event.sequence_number for event in events] == list(range(len(events)))
        last = events[-1]
        assert (last.type, last.response.status) == ("response.failed", "failed")
        assert "no stage" in last.response.error.message
        with pytest.raises(NotFoundError):
            api.responses.retrieve(last.response.id)
        with pytest.raises(BadRequestError, match="no stage"):
            api.responses.create(model="house", input="x")
