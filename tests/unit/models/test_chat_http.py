from dataclasses import replace

import pytest

from surefoot.config.solution import Endpoint
from surefoot.core.errors import ConfigError, DataError, MissingError, TransientError
from surefoot.core.roles import Message, Sampling
from surefoot.core.types import Usage
from surefoot.models.chat_http import HttpChat
from surefoot.models.http import Address, JsonClient, refuse_offline
from surefoot.testing.chat_server import ChatServer, Sent, events, whole
from surefoot.testing.fakes import FakeChat

ASKED = [Message("user", "你好, who are you?")]
KEY = "sk-very-secret"
ANSWER = {"choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}]}


@pytest.fixture
def server():
    with ChatServer(FakeChat(["I am a model. 我是模型。"])) as server:
        yield server


@pytest.fixture
def waits():
    return []


@pytest.fixture
def open_chat(server, waits, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", KEY)
    opened = []

    def make(**settings):
        endpoint = Endpoint(base_url=server.url, model="m", key="env:SECRET_KEY", **settings)
        address = Address(endpoint.base_url, "http:near", endpoint.key, endpoint.timeout_s)
        opened.append(HttpChat("near", endpoint, JsonClient(address, wait=waits.append)))
        return opened[-1]

    yield make
    for chat in opened:
        chat.close()


def test_the_request_has_the_shape_of_the_protocol(server, open_chat):
    schema = {"type": "object"}
    open_chat().chat(ASKED, Sampling(max_tokens=9, seed=4, stop=("x",), schema=schema))
    headers, body = server.asked[0]
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "你好, who are you?"}],
        "max_tokens": 9,
        "temperature": 0.0,
        "seed": 4,
        "stop": ["x"],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": schema},
        },
    }


def test_streaming_asks_for_usage(server, open_chat):
    pieces = []
    reply = open_chat().chat(ASKED, Sampling(), pieces.append)
    assert server.asked[0][1]["stream_options"] == {"include_usage": True}
    assert reply.text == "I am a model. 我是模型。"
    assert "".join(pieces) == reply.text
    assert reply.usage == Usage(7, 10, 0.0, 1)


def test_cost_comes_from_the_prices(open_chat):
    reply = open_chat(prompt_price=2.0, completion_price=10.0).chat(ASKED, Sampling())
    assert reply.usage.cost == pytest.approx((7 * 2.0 + 10 * 10.0) / 1e6)


def test_tokens_that_are_not_reported_are_estimated(server, open_chat):
    server.script = [whole(ANSWER)]
    assert open_chat().chat(ASKED, Sampling()).usage == Usage(7, 2, 0.0, 1)


@pytest.mark.parametrize("status", [429, 500, 503, 408])
@pytest.mark.parametrize("on_text", [None, [].append])
def test_a_busy_endpoint_is_asked_again_with_growing_pauses(
    server, open_chat, waits, status, on_text
):
    server.script = [whole({"error": {"message": "busy"}}, status)] * 3
    assert open_chat().chat(ASKED, Sampling(), on_text).text.startswith("I am")
    assert waits == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("said", "waited"), [("7", 7.0), ("0", 0.0), ("9999", 30.0), ("soon", 0.5)]
)
def test_the_pause_is_the_one_that_the_endpoint_asks_for(server, open_chat, waits, said, waited):
    server.script = [whole({}, 429, Retry_After=said)]
    open_chat().chat(ASKED, Sampling())
    assert waits == [waited]


def test_after_four_attempts_it_gives_up(server, open_chat, waits):
    server.script = [whole({"error": "busy"}, 503)] * 9
    with pytest.raises(TransientError, match="http:near: status 503: busy"):
        open_chat().chat(ASKED, Sampling())
    assert (len(server.asked), len(waits)) == (4, 3)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_named_but_not_shown(server, open_chat, status):
    server.script = [whole({"error": {"message": f"bad key {KEY}"}}, status)]
    with pytest.raises(
        ConfigError, match=r"bad key \*\*\* \| check the variable SECRET_KEY"
    ) as caught:
        open_chat().chat(ASKED, Sampling())
    assert KEY not in str(caught.value)
    assert len(server.asked) == 1


def test_a_key_that_is_not_set_is_a_config_error(server):
    endpoint = Endpoint(base_url=server.url, model="m", key="env:NOT_SET_ANYWHERE")
    with pytest.raises(ConfigError, match="needs a key in the variable NOT_SET_ANYWHERE"):
        HttpChat("near", endpoint)


@pytest.mark.parametrize("key", ["sk-a\nsk-b", "sk-钥匙", "sk-a b"])
def test_a_key_that_cannot_be_one_is_not_shown(server, monkeypatch, key):
    monkeypatch.setenv("SECRET_KEY", key)
    endpoint = Endpoint(base_url=server.url, model="m", key="env:SECRET_KEY")
    with pytest.raises(ConfigError, match="the variable SECRET_KEY holds signs") as caught:
        HttpChat("near", endpoint)
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, DataError), (422, DataError), (404, ConfigError), (302, ConfigError)]
)
def test_a_refused_request_is_not_sent_again(server, open_chat, status, kind):
    server.script = [whole({"detail": "no such\x1b[31m thing"}, status, Location="http://other/")]
    with pytest.raises(kind, match="no such") as caught:
        open_chat().chat(ASKED, Sampling())
    assert "\x1b" not in str(caught.value)
    assert len(server.asked) == 1


def test_the_other_name_of_max_tokens_is_tried(server, open_chat):
    server.script = [
        whole({"error": {"message": "use 'max_completion_tokens'"}}, 400),
        whole(ANSWER),
    ]
    assert open_chat().chat(ASKED, Sampling(max_tokens=5)).text == "fine"
    assert server.asked[1][1]["max_completion_tokens"] == 5
    assert "max_tokens" not in server.asked[1][1]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        b"\xff\xfe",
        b"",
        b"[]",
        b"null",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        b'{"choices": [{"message": 3}]}',
    ],
)
@pytest.mark.parametrize("on_text", [None, [].append])
def test_a_malformed_reply_is_a_clear_error(server, open_chat, body, on_text):
    server.script = [Sent(body)]
    with pytest.raises(DataError, match=r"http:near: (the reply is not JSON|what it sent)"):
        open_chat().chat(ASKED, Sampling(), on_text)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["not json"], "not JSON"),
        ([{"choices": [{"delta": {"content": "a"}}]}], "broke off"),
        ([{"error": {"message": "out of memory"}}], "out of memory"),
        ([[1, 2]], "not a chat reply"),
        ([{"choices": [7]}], "not a chat reply"),
        ([{"choices": [{"delta": 7}]}], "not a chat reply"),
    ],
)
def test_a_garbage_stream_is_a_clear_error(server, open_chat, parts, said):
    server.script = [events(*parts, end="")]
    with pytest.raises(DataError, match=said):
        open_chat().chat(ASKED, Sampling(), [].append)


def test_a_whole_reply_to_a_streaming_request_is_taken(server, open_chat):
    server.script = [whole(ANSWER)]
    pieces = []
    assert open_chat().chat(ASKED, Sampling(), pieces.append).text == "fine"
    assert pieces == ["fine"]


def test_a_connection_that_breaks_is_transient(server, open_chat, waits):
    good = events({"choices": [{"delta": {"content": "a"}, "finish_reason": None}]}, end="")
    server.script = [replace(good, headers={**good.headers, "Transfer-Encoding": "chunked"})]
    with pytest.raises(TransientError, match="no reply"):
        open_chat().chat(ASKED, Sampling(), [].append)


def test_nobody_at_the_address_is_transient(waits):
    address = Address("http://127.0.0.1:9/v1", "http:gone")
    client = JsonClient(address, wait=waits.append)
    with pytest.raises(TransientError, match=r"http:gone: no reply .ConnectError"):
        client.post("/chat/completions", {})
    client.close()
    assert len(waits) == 3


@pytest.mark.parametrize(
    "url", ["http://localhost:1/v1", "http://127.0.0.1/v1", "http://[::1]:8/v1"]
)
def test_without_network_this_machine_may_be_asked(url):
    refuse_offline(url, "http:near")


@pytest.mark.parametrize("url", ["https://api.example.com/v1", "http://10.0.0.7/v1"])
def test_without_network_no_other_machine_is_asked(url):
    with pytest.raises(MissingError, match="the network is off"):
        refuse_offline(url, "http:far")


def told(tokens, text="Yes"):
    first = {"top_logprobs": [{"token": t, "logprob": p} for t, p in tokens.items()]}
    choice = {
        "message": {"content": text},
        "finish_reason": "length",
        "logprobs": {"content": [first]},
    }
    return whole({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 1}})


def test_choices_are_scored_by_the_likeliest_first_tokens(server, open_chat):
    server.script = [told({"Yes": -0.2, "No": -1.7}), told({"是": -0.3, "不": -2.0})]
    chat = open_chat()
    found = chat.choice_logprobs(ASKED, ("Yes", "No"))
    assert found.logprobs == pytest.approx((-0.2, -1.7))
    assert (found.told, found.usage.prompt_tokens) == (True, 7)
    assert chat.choice_logprobs(ASKED, ("是", "否")).logprobs == pytest.approx((-0.3, -2.0))
    _, body = server.asked[0]
    assert (body["logprobs"], body["top_logprobs"], body["temperature"]) == (True, 20, 0.0)


@pytest.mark.parametrize("logprobs", [None, {"content": []}, {"content": None}, "odd", {}])
def test_an_endpoint_that_tells_no_chances_is_taken_at_its_word(server, open_chat, logprobs):
    choice = {"message": {"content": "No."}, "finish_reason": "stop", "logprobs": logprobs}
    server.script = [whole({"choices": [choice]})]
    found = open_chat().choice_logprobs(ASKED, ("Yes", "No"))
    assert (found.told, found.logprobs) == (False, (float("-inf"), 0.0))


def test_an_endpoint_that_refuses_log_probabilities_is_asked_without_from_then_on(
    server, open_chat
):
    refusal = {"error": {"message": "logprobs are not supported with this model"}}
    server.script = [whole(refusal, 400), whole(ANSWER), whole(ANSWER)]
    chat = open_chat()
    for _ in range(2):
        assert not chat.choice_logprobs(ASKED, ("Yes", "No")).told
    assert ["logprobs" in body for _, body in server.asked] == [True, False, False]


def test_another_refusal_stays_one(server, open_chat):
    server.script = [whole({"error": {"message": "too long"}}, 400)]
    with pytest.raises(DataError, match="too long"):
        open_chat().choice_logprobs(ASKED, ("Yes", "No"))
