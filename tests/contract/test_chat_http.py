import pytest

from surefoot.config.solution import Endpoint
from surefoot.models.chat_http import HttpChat
from surefoot.testing.chat_server import ChatServer, whole
from surefoot.testing.contracts_chat import ChatContract, ScoringContract
from surefoot.testing.fakes import FakeChat


class TestHttpChat(ChatContract):
    schemas = False

    @pytest.fixture
    def model(self):
        with ChatServer(FakeChat(["Hello Anna, good morning. 早上好。"])) as server:
            model = HttpChat("near", Endpoint(base_url=server.url, model="any"))
            yield model
            model.close()


class TestHttpChatWithSchema(TestHttpChat):
    schemas = True

    @pytest.fixture
    def model(self):
        with ChatServer(FakeChat(['{"name": "Anna"}'])) as server:
            model = HttpChat("near", Endpoint(base_url=server.url, model="any"))
            yield model
            model.close()


class TestHttpScores(ScoringContract):
    """An endpoint that tells the likeliest first tokens."""

    @pytest.fixture
    def model(self):
        told = {"Yes": -1.0, " No": -2.0, "是": -1.5, "否": -2.5, "Maybe": -3.0}
        first = {"top_logprobs": [{"token": t, "logprob": p} for t, p in told.items()]}
        choice = {
            "message": {"content": "Yes"},
            "finish_reason": "stop",
            "logprobs": {"content": [first]},
        }
        with ChatServer(FakeChat(["Yes"])) as server:
            server.script = [whole({"choices": [choice]})] * 9
            model = HttpChat("near", Endpoint(base_url=server.url, model="any"))
            yield model
            model.close()
