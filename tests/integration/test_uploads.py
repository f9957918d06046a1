"""What is given to a workspace directly is found at once, and gone at once."""

import pytest

import surefoot
from surefoot.core.types import Acl, Asker
from surefoot.run.uploads import delete_uploads, keep_upload, list_uploads, uploads_of
from surefoot.store.uploads import Upload

SOLUTION = """schema = 1
[corpus]
sources = [{ kind = "folder", path = "docs" }]
embed = { kind = "hash" }
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
refuse = { threshold = 0 }
"""
TEXTS = {
    "en": ("opening.md", "# Opening\n\nThe canary sings at dawn.\n", "When does the canary sing?", "dawn"),
    "zh": ("开门.txt", "金丝雀在黎明歌唱。\n", "金丝雀什么时候歌唱？", "黎明"),
}  # fmt: skip


@pytest.fixture
def space(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other.md").write_text("# Other\n\nNothing of interest.\n")
    (tmp_path / "surefoot.toml").write_text(SOLUTION)
    with surefoot.open(tmp_path) as opened:
        opened.sync()
        yield opened


def give(space, lang, **more):
    name, text, question, word = TEXTS[lang]
    upload = keep_upload(space, text.encode(), Upload("", name, "", 0, 5, **more))
    report = list_uploads([space], [upload])
    assert report.added == 1
    assert not report.problems
    return upload, question, word


@pytest.mark.parametrize("lang", TEXTS)
def test_it_is_found_at_once_and_stays_when_all_is_synced(space, lang):
    upload, question, word = give(space, lang)
    assert word in space.ask(question).text
    assert space.sync().removed == 0
    answer = space.ask(question)
    assert answer.citations[0].chunk.document_id == f"uploads/{upload.id}"
    assert answer.citations[0].chunk.uri == upload.name


@pytest.mark.parametrize("lang", TEXTS)
def test_it_is_gone_at_once_and_for_good(space, lang):
    upload, question, word = give(space, lang)
    assert delete_uploads([space], [upload.id]) == 1
    assert word not in space.ask(question).text
    space.sync()
    assert word not in space.ask(question).text
    with uploads_of(space) as book:
        assert not book.content(upload).exists()
        assert book.all() == []


def test_only_those_find_it_who_may_read_it(space):
    _, question, word = give(space, "en", acl=Acl(public=False, groups=("staff",)))
    assert word not in space.ask(question, asker=Asker("bob", (), trusted=False)).text
    assert word in space.ask(question, asker=Asker("eve", ("staff",), trusted=False)).text


def test_its_stores_are_metadata(space):
    _, question, _ = give(space, "en", stores=("vs_1",), meta={"team": "ops"})
    wanted = {"type": "eq", "key": "stores", "value": "vs_1"}
    assert len(space.search(question, filter=wanted)) == 1
    assert space.search(question, filter={**wanted, "value": "vs_2"}) == []


def test_an_original_that_two_have_stays_with_the_other(space):
    first, question, word = give(space, "en")
    second = keep_upload(space, TEXTS["en"][1].encode(), Upload("", "again.md", "", 0, 6))
    list_uploads([space], [second])
    delete_uploads([space], [first.id])
    assert word in space.ask(question).text
    with uploads_of(space) as book:
        assert book.content(second).exists()


@pytest.mark.parametrize("lang", TEXTS)
def test_it_is_found_at_once_while_another_index_is_still_to_be_built(space, lang):
    file = space.root / "surefoot.toml"
    file.write_text(SOLUTION.replace('"hash"', '"hash", dimensions = 64'))
    space.reload()
    assert space.serving.note
    upload, question, word = give(space, lang)
    assert word in space.ask(question).text
    space.sync()
    assert not space.serving.note
    assert space.ask(question).citations[0].chunk.document_id == f"uploads/{upload.id}"
    assert word in space.ask(question).text
