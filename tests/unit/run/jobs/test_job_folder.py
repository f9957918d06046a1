"""What a job tells is kept, bounded."""

from __future__ import annotations

import json

import pytest

from surefoot.run.jobs.folder import JobFolder, read_told


def progress(done: int, total: int, **more: object) -> str:
    return json.dumps({"progress": {"title": "问", "done": done, "total": total, **more}})


@pytest.mark.parametrize("note", ["reading the rows", "读入二十行"])
def test_notes_and_other_lines_are_kept_as_they_are(tmp_path, note):
    place = JobFolder(tmp_path)
    place.add(json.dumps({"note": note}))
    place.add("Traceback\n")
    place.add("\n")
    assert [(one.number, one.note) for one in place.lines()] == [(1, note), (2, "Traceback")]
    assert [one.number for one in place.lines(after=1)] == [2]


def test_of_much_progress_some_is_kept_and_all_is_told(tmp_path):
    place = JobFolder(tmp_path)
    told = [place.add(progress(done, 10_000)) for done in range(1, 10_001)]
    assert told[-1].done == 10_000 and told[6].done == 7
    kept = place.lines()
    assert len(kept) == 201 and kept[-1].progress.done == 10_000


def test_each_look_at_the_dev_rows_is_kept(tmp_path):
    place = JobFolder(tmp_path)
    for step in (1, 2):
        place.add(progress(step, 10_000, dev_loss=1.0))
    assert [one.progress.dev_loss for one in place.lines()] == [1.0, 1.0]


def test_what_goes_on_counts_on_and_ends_somewhere(tmp_path):
    for _ in range(2):
        place = JobFolder(tmp_path)
        for number in range(3000):
            place.add(f"line {number} " + "x" * 3000)
    kept = place.lines()
    assert len(kept) == 5000 and kept[-1].note == "more was told than is kept"
    assert len(kept[0].note) == 2000


@pytest.mark.parametrize("line", ["[1]", '{"progress": 3}', '"text"', "12"])
def test_json_that_is_no_line_of_ours_is_a_note(line):
    assert read_told(line) == (line, None)


def test_unknown_fields_of_a_later_release_are_left_out():
    _, found = read_told(progress(1, 2, colour="red"))
    assert found is not None and found.done == 1


def test_a_result_is_what_was_printed_as_json(tmp_path):
    place = JobFolder(tmp_path)
    assert place.result() is None
    place.printed.write_text('{"答": 1}', encoding="utf-8")
    assert place.result() == {"答": 1}
    place.printed.write_text("no json", encoding="utf-8")
    assert place.result() is None
