import pytest

from surefoot.optimize.advise.seen import change_pace
from surefoot.run.machine import gpu_count


@pytest.mark.parametrize(
    ("ages", "pace"),
    [
        ([], None),
        ([3, 3, 3], None),  # all copied there on one day
        (list(range(0, 60)), "daily"),
        ([0, 9, 20, 200], "weekly"),
        ([5, 40, 300], "monthly"),
        ([5, 300, 700], "yearly"),
        ([200, 400], "yearly"),
    ],
)
def test_how_often_documents_change_is_told_by_the_days_they_changed_on(ages, pace):
    assert change_pace(ages) == pace


def test_gpus_are_counted_by_what_the_driver_shows(tmp_path):
    assert gpu_count(tmp_path / "none") == 0
    for name in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / name).mkdir()
    assert gpu_count(tmp_path) == 2
