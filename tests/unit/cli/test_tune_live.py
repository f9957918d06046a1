"""A training as it is shown."""

from __future__ import annotations

from surefoot.cli.tune_live import Lines, Picture, curve, told, watching
from surefoot.tune.events import Event


def test_a_line_says_how_far_it_is():
    event = Event(
        step=10, steps=50, loss=1.25, dev_loss=1.5, seconds=20, tokens=6000, peak_mib=2100
    )
    line = told(event)
    assert line == (
        "step 10/50  loss 1.250  dev loss 1.500  300 tokens/s  2,100 MiB  time left 1 min 20 s"
    )


def test_a_falling_loss_falls_from_left_to_right():
    lines = curve([(step, 10.0 - step) for step in range(1, 9)], [(8, 2.5)], 8)
    assert len(lines) == 8 and lines[0].startswith("   9.000 |.")
    assert lines[-1].startswith("   2.000 |") and lines[-1].endswith(".")
    assert any("o" in line for line in lines)
    places = [line.index(".", 10) for line in lines if "." in line[10:]]
    assert places == sorted(places)
    assert curve([(1, 2.0)], [], 5)[0].strip() == "2.000 |."


def test_a_pipe_gets_messages_some_steps_and_every_look_at_the_dev_rows(capsys):
    lines = Lines()
    lines(Event(message="读入二十行"))
    for step in range(1, 101):
        lines(Event(step=step, steps=100, loss=1.0))
    lines(Event(step=100, steps=100, dev_loss=0.5))
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "读入二十行" and said[-1].endswith("dev loss 0.500")
    assert 18 < len(said) < 26


def test_a_terminal_sees_the_curve_the_message_and_the_last_losses():
    picture = Picture("house")
    picture(Event(message="20 rows\x1b[31m"))
    assert picture.drawn().plain == "house: 20 rows"
    picture(Event(step=1, steps=4, loss=2.0))
    picture(Event(step=2, steps=4, dev_loss=1.5))
    picture(Event(step=2, steps=4, loss=1.0, seconds=2, tokens=10))
    seen = picture.drawn().plain.splitlines()
    assert len(seen) == 10 and "loss 1.000  dev loss 1.500" in seen[-1]


def test_quiet_is_quiet(capsys):
    with watching("house", quiet=True) as watch:
        watch(Event(message="no"))
    with watching("house", quiet=False) as watch:
        watch(Event(message="yes"))
    assert capsys.readouterr().err == "yes\n"
