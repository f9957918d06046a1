"""A trained model and its base are asked the same; both are counted, and nobody who has gone is answered."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from surefoot.core.errors import CapReached, DataError, MissingError
from surefoot.core.roles import Call, Meter, Reply
from surefoot.core.types import Usage
from surefoot.run.adapters import adapters_root
from surefoot.run.trying import try_out
from surefoot.tune.artefact import Trained, write_card


class FakeModel:
    """Says its name, in pieces."""

    def __init__(self, name, heard, problem=None):
        self.name, self.heard, self.problem = name, heard, problem

    def chat(self, messages, sampling, on_text=None):
        self.heard.append((self.name, [one.content for one in messages], sampling.max_tokens))
        if self.problem:
            raise self.problem
        for piece in self.name:
            on_text(piece)
        return Reply(self.name, Usage(5, 3, calls=1))


@pytest.fixture
def space(tmp_path):
    folder = adapters_root(tmp_path) / "法律"
    folder.mkdir(parents=True)
    write_card(
        folder, Trained(name="法律", kind="weights", method="full", base="b", base_digest="d")
    )
    heard = []
    problems = {}

    def chat(model, adapter=""):
        name = f"{model} {adapter}".strip()
        return FakeModel(name, heard, problems.get(name))

    resources = SimpleNamespace(chat=chat)
    return SimpleNamespace(root=tmp_path, resources=resources, heard=heard, problems=problems)


def test_both_are_asked_the_same_and_counted(space):
    call = Call(meter=Meter())
    under, without = try_out(space, "法律", ("", "你好 hello"), 7, call)
    assert (under.text, without.text) == ("b 法律", "b")
    assert (under.tokens, without.tokens) == (3, 3)
    assert space.heard == [("b 法律", ["你好 hello"], 7), ("b", ["你好 hello"], 7)]
    assert (call.meter.usage.calls, call.meter.usage.prompt_tokens) == (2, 10)


def test_a_system_prompt_comes_first(space):
    try_out(space, "法律", ("be brief", "hello"), 7, Call(meter=Meter()))
    assert [said for _, said, _ in space.heard] == [["be brief", "hello"]] * 2


def test_nobody_who_has_gone_is_answered(space):
    gone = iter([False, False, True, True, True])
    with pytest.raises(CapReached, match="nobody waits"):
        try_out(space, "法律", ("", "hello"), 7, Call(meter=Meter(), gone=lambda: next(gone)))
    assert [name for name, _, _ in space.heard] == ["b 法律"]  # the base is not asked any more


def test_a_model_that_fails_is_said(space):
    space.problems["b"] = DataError("the context is full")
    with pytest.raises(DataError, match="the context is full"):
        try_out(space, "法律", ("", "hello"), 7, Call(meter=Meter()))
    with pytest.raises(MissingError, match="no trained model"):
        try_out(space, "none", ("", "hello"), 7, Call(meter=Meter()))
