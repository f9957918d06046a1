"""How a job has ended."""

from __future__ import annotations

import pytest

from surefoot.run.jobs.ending import ended

ERROR = {"error": {"message": "there is none", "where": "常问", "hint": "make one"}}


@pytest.mark.parametrize(
    ("code", "printed", "stopped", "state"),
    [
        (0, {}, None, "done"),
        (0, {}, "cancelled", "done"),
        (5, {"failed": 1}, None, "done"),
        (5, {"failed": 1}, "cancelled", "cancelled"),
        (5, ERROR, None, "failed"),
        (5, None, None, "failed"),
        (1, None, None, "failed"),
        (130, None, None, "interrupted"),
        (-2, None, None, "interrupted"),
        (130, None, "cancelled", "cancelled"),
        (-9, None, "interrupted", "interrupted"),
        (-9, None, None, "failed"),
    ],
)
def test_the_state_follows_from_the_end(code, printed, stopped, state):
    assert ended(code, printed, "", stopped)[0] == state


def test_what_went_wrong_is_said_in_words():
    assert ended(3, ERROR, "", None)[1] == "常问: there is none | make one"
    assert ended(1, None, '{"note": "没有磁盘空间"}\n', None)[1] == "没有磁盘空间"
    assert ended(1, None, "", None)[1] == "ended with 1"
    assert "memory" in ended(-9, None, "", None)[1]
