"""Copies are found, and what only looks like one is kept."""

from __future__ import annotations

import pytest

from surefoot.config.solution import Cleaning
from surefoot.core.roles import DocumentState
from surefoot.core.types import Acl
from surefoot.ingest import duplicates
from surefoot.ingest.duplicates import Copies, shingles, sketch_of

EN = "The reset link is sent by mail and works for one hour after it was asked for. "
ZH = "重置链接通过邮件发送，自申请之时起一小时内有效，逾期需要重新申请。"


def long_text(lang):
    words = (
        ["alpha", "beta", "gamma", "delta"] if lang == "en" else ["甲方", "乙方", "丙方", "丁方"]
    )
    base = EN if lang == "en" else ZH
    return "".join(
        f"{words[i % 4]}{words[i // 4 % 4]}{words[i // 16 % 4]} {base}" for i in range(60)
    )


class Shelf:
    def __init__(self, **settings):
        self.settings = Cleaning(**settings)
        self.texts = {}
        self.copies = Copies(self.settings, self.texts.get)

    def put(self, name, text, acl=Acl(), meta=None):
        sketch = sketch_of(text, acl, meta or {}, self.settings)
        found = self.copies.original(name, text, sketch)
        return found.original if found else None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_exact_and_near_copies_name_the_first(lang):
    shelf, text = Shelf(), long_text(lang)
    assert shelf.put("a", text) is None
    assert shelf.put("b", "  " + text.replace(" ", "\n") + "\n") == "a"
    assert (
        shelf.put("c", text.replace("一小时", "六十分钟", 1).replace("one hour", "an hour", 1))
        == "a"
    )
    assert shelf.put("d", text[: len(text) // 2]) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [("for one hour", "for 12 hours"), ("by mail", "by Smith"), ("一小时", "24小时")],
)
def test_texts_with_other_figures_or_names_are_no_copies(old, new):
    text = long_text("en" if old.isascii() else "zh")
    shelf = Shelf()
    shelf.put("a", text)
    assert shelf.put("b", text.replace(old, new, 1)) is None


def test_other_readers_or_metadata_are_no_copies():
    shelf, text = Shelf(), long_text("en")
    assert shelf.put("a", text) is None
    assert shelf.put("b", text, acl=Acl(public=False, users=("ann",))) is None
    assert shelf.put("c", text, meta={"year": 2024}) is None
    assert shelf.put("d", text, acl=Acl(public=False, users=("ann",))) == "b"


def test_each_kind_can_be_off():
    text = long_text("en")
    near_off = Shelf(near_duplicates=0)
    near_off.put("a", text)
    assert near_off.put("b", text.replace("mail", "post", 1)) is None
    assert near_off.put("c", text) == "a"
    exact_off = Shelf(exact_duplicates=False, near_duplicates=0)
    exact_off.put("a", text)
    assert exact_off.put("b", text) is None


def test_what_the_index_holds_is_found_again_by_its_sketch():
    settings, text = Cleaning(), long_text("zh")
    sketch = sketch_of(text, Acl(), {}, settings)
    assert sketch == sketch_of(text, Acl(), {}, settings)
    copies = Copies(settings, {"old": text}.get)
    copies.load([DocumentState("old", "old", "x", "ok", sketch=sketch)])
    changed = text.replace("邮件", "信件", 1)
    found = copies.original("new", changed, sketch_of(changed, Acl(), {}, settings))
    assert found is not None
    assert found.original == "old"
    assert 0.95 <= found.similarity < 1


@pytest.mark.parametrize("share", [0.55, 0.8, 0.92])
def test_thresholds_find_what_they_say(share):
    base = "".join(chr(0x4E00 + i) for i in range(3000))
    cut = int(3000 * (1 - share) / (1 + share))
    other = base[: 3000 - cut] + "".join(chr(0x7000 + i) for i in range(cut))
    measured = len(set(shingles(base)) & set(shingles(other))) / len(
        set(shingles(base)) | set(shingles(other))
    )
    shelf = Shelf(near_duplicates=min(0.99, measured - 0.01))
    shelf.put("a", base)
    assert shelf.put("b", other) == "a"
    strict = Shelf(near_duplicates=measured + 0.01)
    strict.put("a", base)
    assert strict.put("b", other) is None


def test_empty_and_tiny_texts():
    shelf = Shelf()
    assert shelf.put("a", "") is None
    assert shelf.put("b", "好") is None
    assert shelf.put("c", "好") == "b"


@pytest.mark.parametrize("block", [1, 2, 3, 5])
def test_white_space_and_the_size_of_blocks_do_not_count(monkeypatch, block):
    text = " The pump\n\nstops.　阀门\t关闭。 "
    whole = sketch_of(" ".join(text.split()), Acl(), {}, Cleaning())
    monkeypatch.setattr(duplicates, "_EXACT_CHARS", block)
    assert sketch_of(text, Acl(), {}, Cleaning()) == whole
