import pytest

from surefoot.models.streaming import TextOut


def test_text_is_handed_on():
    heard = []
    out = TextOut(heard.append)
    out("a")
    out("中")
    out.finish()
    assert heard == ["a", "中"]
    assert not out.stopped


def test_nobody_has_to_listen():
    out = TextOut(None)
    out("a")
    out.finish()


@pytest.mark.parametrize("problem", [ValueError("no"), KeyboardInterrupt()])
def test_what_the_receiver_raises_comes_out_at_the_end(problem):
    heard = []

    def listen(text):
        heard.append(text)
        raise problem

    out = TextOut(listen)
    out("a")
    out("b")
    assert heard == ["a"]
    assert out.stopped
    with pytest.raises(type(problem)):
        out.finish()
