"""Losses over the steps of a training: both lines on one scale, round numbers on the axes."""

from surefoot.optimize.report.losses import LossPoint, loss_plot


def test_both_lines_stand_on_one_scale() -> None:
    plot = loss_plot([LossPoint(10, 2.0), LossPoint(20, 1.0, 2.0), LossPoint(30, None, 1.5)])
    assert plot is not None
    (_, first), (_, second) = (tuple(map(float, at.split(","))) for at in plot.line.split())
    assert plot.dev_marks[0][1] == first
    assert first < plot.dev_marks[1][1] < second
    assert plot.top <= first < second <= plot.bottom


def test_the_least_loss_on_rows_kept_back_is_named() -> None:
    points = [LossPoint(step, 1.0, abs(step - 3) / 10) for step in range(1, 6)]
    plot = loss_plot(reversed(points))
    assert plot is not None
    assert plot.best == points[2]
    xs = [x for x, _ in plot.dev_marks]
    assert xs == sorted(xs)


def test_without_rows_kept_back_there_is_one_line() -> None:
    plot = loss_plot([LossPoint(1, 2.0), LossPoint(2, 2.0)])
    assert plot is not None
    assert plot.best is None
    assert plot.dev_line == ""
    assert [tick.text for tick in plot.x_ticks] == ["1", "2"]


def test_one_step_is_no_line() -> None:
    assert loss_plot([LossPoint(1, 2.0, 3.0)]) is None
    assert loss_plot([LossPoint(1), LossPoint(2)]) is None
