import pytest

from surefoot.config.solution import Endpoint
from surefoot.models.chat_http import HttpChat
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.contracts_chat import ChatContract
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
