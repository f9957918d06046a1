"""Places of citations in scans and recordings."""

import pytest

from surefoot.core.regions import cited_place, covering, from_row, said_place, to_row
from surefoot.core.types import Answer, Chunk, Citation, Region

LINES = (
    Region(0, 10, page=1, box=(0.1, 0.1, 0.9, 0.2)),
    Region(11, 20, page=1, box=(0.1, 0.2, 0.5, 0.3)),
    Region(22, 30, page=2, box=(0.2, 0.1, 0.8, 0.2)),
)


def test_the_box_is_that_of_all_lines_on_the_first_page():
    assert covering(LINES, 5, 25) == Region(0, 20, 1, (0.1, 0.1, 0.9, 0.3))
    assert covering(LINES, 22, 23) == LINES[2]


def test_between_lines_there_is_no_place():
    assert covering(LINES, 20, 22) is None
    assert covering((), 0, 5) is None


def test_seconds_run_from_the_first_to_the_last():
    said = (Region(0, 9, seconds=(1.5, 3.0)), Region(10, 19, seconds=(3.5, 6.25)))
    assert covering(said, 0, 19) == Region(0, 19, seconds=(1.5, 6.25))


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (Region(0, 1, page=2, box=(0, 0, 1, 1)), "page 2"),
        (Region(0, 1, seconds=(42.9, 50)), "at 0:42"),
        (Region(0, 1, seconds=(3661, 3670)), "at 1:01:01"),
        (Region(0, 1), ""),
    ],
)
def test_places_are_said_in_words(region, words):
    assert said_place(region) == words


def test_rows_are_plain_and_come_back():
    for region in (*LINES, Region(0, 1, seconds=(1.0, 2.0)), Region(3, 4)):
        assert from_row(to_row(region)) == region


def cited(region, page=None, title="scan.pdf"):
    chunk = Chunk("d#0", "d", "text", 0, 4, title=title, page=page)
    return Citation(1, 0, 4, chunk, 0, 4, "text", region=region)


@pytest.mark.parametrize(
    ("citation", "line"),
    [
        (cited(LINES[2], page=1), "[1] scan.pdf, page 2"),
        (cited(None, page=3), "[1] scan.pdf, page 3"),
        (cited(Region(0, 4, seconds=(42, 43)), title="报告.mp3"), "[1] 报告.mp3 at 0:42"),
        (cited(None, title="notes"), "[1] notes"),
    ],
)
def test_an_answer_says_where_its_sources_stand(citation, line):
    assert str(Answer("text [1]", (citation,))).splitlines()[-1] == line
    assert cited_place(citation) in line
    assert line.removeprefix("[1] ") in Answer("text [1]", (citation,))._repr_html_()
