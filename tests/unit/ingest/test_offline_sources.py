"""While the network is off, sources on other machines are left alone and lose nothing."""

import pytest

from surefoot.core.roles import DocumentState, SourceItem
from surefoot.ingest.offline import without_network
from surefoot.ingest.plan import make_plan


class FakeSource:
    name = "wiki"

    def items(self):
        yield SourceItem("wiki/新.md", "新.md", "wiki", "1-1")


class FakeRemote(FakeSource):
    def __init__(self, *addresses):
        self.addresses = addresses


def test_files_are_offered():
    source = FakeSource()
    assert without_network(source) is source


@pytest.mark.parametrize("address", ["http://127.0.0.1:90/a", "imap://localhost", "http://[::1]/"])
def test_this_machine_is_asked(address):
    source = FakeRemote(address)
    assert without_network(source) is source


def test_one_address_elsewhere_is_enough_to_stay_away():
    source = without_network(FakeRemote("http://127.0.0.1/", "https://example.org/a"))
    (problem,) = source.items()
    assert (problem.id, problem.uri, problem.keep) == ("wiki", "https://example.org/a", True)
    assert "the network is off" in problem.reason


def test_what_was_read_stays():
    known = [DocumentState("wiki/旧.md", "旧.md", "d", "ok", fingerprint="1", source="wiki")]
    plan = make_plan([without_network(FakeRemote("https://example.org"))], known).plan
    assert (plan.removed, plan.new, len(plan.problems)) == ((), (), 1)
