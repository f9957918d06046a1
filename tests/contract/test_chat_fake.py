import pytest

from surefoot.testing.contracts_chat import ChatContract
from surefoot.testing.fakes import FakeChat


class TestFakeChat(ChatContract):
    schemas = False

    @pytest.fixture
    def model(self):
        return FakeChat(["Hello Anna, good morning. 早上好。"])


class TestFakeChatWithSchema(ChatContract):
    @pytest.fixture
    def model(self):
        return FakeChat(['{"name": "Anna"}'])
