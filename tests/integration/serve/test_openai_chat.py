"""The OpenAI client, unmodified, against a real server."""

from __future__ import annotations

import httpx
import pytest
from openai import BadRequestError, NotFoundError, OpenAI

ASKED = {
    "en": ("When are refunds paid?", "30 days"),
    "zh": ("退款多久支付？", "三十天"),
}


@pytest.fixture
def client(served):
    with OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0) as made:
        yield made


@pytest.mark.parametrize("lang", ASKED)
def test_an_answer_cites_its_documents(client, served, lang):
    question, words = ASKED[lang]
    reply = client.chat.completions.create(
        model="house", messages=[{"role": "user", "content": question}]
    )
    message = reply.choices[0].message
    assert words in message.content
    assert reply.object == "chat.completion"
    cited = message.annotations[0].url_citation
    assert message.content[cited.start_index : cited.end_index].startswith("[")
    assert cited.url.startswith(served.url)
    assert words in cited.quote
    assert reply.surefoot["trace_id"]
    assert not reply.surefoot["refused"]


@pytest.mark.parametrize("lang", ASKED)
def test_a_streamed_answer_is_the_same(client, lang):
    question, _ = ASKED[lang]
    messages = [{"role": "user", "content": question}]
    whole = client.chat.completions.create(model="house", messages=messages)
    chunks = list(
        client.chat.completions.create(
            model="house", messages=messages, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].choices == []
    assert any(c.choices and getattr(c.choices[0].delta, "annotations", None) for c in chunks)


def test_the_conversation_comes_along(client, served):
    messages = [
        {"role": "system", "content": "Be nice."},
        {"role": "user", "content": "When are refunds paid?"},
        {"role": "assistant", "content": "Within 30 days."},
        {"role": "user", "content": [{"type": "text", "text": "When does the shop open?"}]},
    ]
    reply = client.chat.completions.create(model="house", messages=messages)
    assert "nine" in reply.choices[0].message.content
    assert any("system" in note for note in reply.surefoot["notes"])


def test_models_are_the_solutions(client):
    listed = client.models.list().data
    assert [model.id for model in listed] == ["house"]
    assert client.models.retrieve("house").created > 0
    with pytest.raises(NotFoundError, match="no model"):
        client.models.retrieve("nothing")


@pytest.mark.parametrize(
    "more", [{"n": 2}, {"tools": [{"type": "function", "function": {"name": "f"}}]}]
)
def test_what_is_not_served_is_refused(client, more):
    with pytest.raises(BadRequestError) as problem:
        client.chat.completions.create(
            model="house", messages=[{"role": "user", "content": "x"}], **more
        )
    assert problem.value.code == "unsupported"


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_model_is_not_found(client, stream):
    with pytest.raises(NotFoundError, match="known: house"):
        client.chat.completions.create(
            model="gpt", messages=[{"role": "user", "content": "x"}], stream=stream
        )


def test_search_gives_passages_by_filter(served):
    body = {"query": "refunds", "filters": {"type": "eq", "key": "lang", "value": "zh"}}
    reply = httpx.post(f"{served.url}/v1/search", json=body)
    assert reply.status_code == 200, reply.text
    assert {one["document_id"] for one in reply.json()["data"]} == {"docs/退款.md"}
    wrong = httpx.post(f"{served.url}/v1/search", json={"query": "x", "filters": {"type": "no"}})
    assert wrong.status_code == 400
    assert wrong.json()["error"]["type"] == "invalid_request_error"
