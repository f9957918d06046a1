import pytest

from surefoot.testing.contracts_chat import ChatContract, ScoringContract
from surefoot.testing.fakes import FakeChat, FakeScoringChat


class TestFakeChat(ChatContract):
    schemas = False

    @pytest.fixture
    def model(self):
        return FakeChat(["Hello Anna, good morning. 早上好。"])


class TestFakeChatWithSchema(ChatContract):
    @pytest.fixture
    def model(self):
        return FakeChat(['{"name": "Anna"}'])


class TestFakeScoringChat(ChatContract, ScoringContract):
    schemas = False

    @pytest.fixture
    def model(self):
        told = {"Yes": -1.0, "No": -2.0, "Maybe": -3.0, "是": -1.0, "否": -2.0}
        return FakeScoringChat(
            lambda text, choices: [told[one] for one in choices],
            ["Hello Anna, good morning. 早上好。"],
        )
