"""One engine for a base, whatever adapters are asked, and never two of them at once."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from surefoot.core.errors import DataError
from surefoot.core.roles import Message, Reply, Sampling
from surefoot.core.types import Usage
from surefoot.models.chat_shared import SharedBase

ASKED = [Message("user", "Hello 你好")]


class FakeEngine:
    """Says which adapter was asked; counts how many of its kind are open."""

    context_tokens = 99
    open = 0
    most = 0

    def __init__(self, files):
        if "broken" in files:
            raise DataError("broken does not fit")
        self.files, self.closed = dict(files), False
        FakeEngine.open += 1
        FakeEngine.most = max(FakeEngine.most, FakeEngine.open)

    def chat(self, messages, sampling, on_text=None, name="base"):
        assert not self.closed
        time.sleep(0.002)
        assert not self.closed
        return Reply(name, Usage(calls=1))

    def count_tokens(self, text):
        return len(text)

    def adapted(self, name, scale=1.0):
        assert name in self.files
        return FakeView(self, name)

    def close(self):
        self.closed = True
        FakeEngine.open -= 1


class FakeView:
    def __init__(self, engine, name):
        self.engine, self.name = engine, name

    def __getattr__(self, key):
        return getattr(self.engine, key)

    def chat(self, messages, sampling, on_text=None):
        return self.engine.chat(messages, sampling, on_text, self.name)


@contextmanager
def shared(beside=None):
    FakeEngine.open = FakeEngine.most = 0
    opened = []

    def start(files):
        opened.append(sorted(files))
        return FakeEngine(files)

    base = SharedBase(start, beside or dict)
    yield base, opened
    base.close()
    assert FakeEngine.open == 0


def say(model):
    return model.chat(ASKED, Sampling()).text


def test_adapters_that_are_there_are_asked_in_one_engine():
    with shared(lambda: {"a": Path("a"), "b": Path("b")}) as (base, opened):
        a, b = base.under("a", Path("a")), base.under("b", Path("b"))
        assert [say(one) for one in (a, b, a, base.plain, b)] == ["a", "b", "a", "base", "b"]
        assert (a.context_tokens, b.count_tokens("你好")) == (99, 2)
        assert opened == [["a", "b"]]


def test_nothing_is_opened_before_a_question():
    with shared() as (base, opened):
        base.under("a", Path("a")).close()
        assert opened == []


def test_one_that_came_later_is_taken_in_and_one_that_is_gone_is_left_out():
    there = {"a": Path("a"), "b": Path("b")}
    with shared(lambda: dict(there)) as (base, opened):
        assert say(base.under("a", Path("a"))) == "a"
        del there["b"]
        assert say(base.under("new", Path("new"))) == "new"
        assert say(base.under("a", Path("a"))) == "a"
        assert opened == [["a", "b"], ["a", "new"]]
        assert FakeEngine.most == 1


def test_one_that_cannot_be_loaded_is_said_and_the_others_go_on():
    with shared() as (base, _):
        assert say(base.under("a", Path("a"))) == "a"
        with pytest.raises(DataError, match="does not fit"):
            say(base.under("broken", Path("broken")))
        assert say(base.under("a", Path("a"))) == "a"


def test_many_at_once_never_have_two_engines_and_none_is_closed_under_anybody():
    with shared() as (base, opened):
        wrong = []

        def ask(name):
            for _ in range(10):
                if say(base.under(name, Path(name))) != name:
                    wrong.append(name)

        threads = [threading.Thread(target=ask, args=(name,)) for name in "aabbccdd"]
        for one in threads:
            one.start()
        for one in threads:
            one.join(20)
        assert not wrong and not any(one.is_alive() for one in threads)
        assert FakeEngine.most == 1
        assert len(opened) > 4
