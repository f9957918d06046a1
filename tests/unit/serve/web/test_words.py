"""Every entry of the page in both languages, with the same values, and used."""

import re
from importlib.resources import files

import pytest

from surefoot.serve.web import words

WEB = files("surefoot.serve.web")
_USED = re.compile(r"""\b(?:w|say)\(\s*["']([a-z0-9_.-]+)["']""")


def _texts():
    for folder in ("templates", "screens", "."):
        yield from _read(WEB.joinpath(folder))


def _read(folder):
    for file in folder.iterdir():
        if file.is_dir() and file.name not in ("words", "static", "__pycache__"):
            yield from _read(file)
        elif file.name.endswith((".html", ".py")):
            yield file.read_text(encoding="utf-8")


@pytest.mark.parametrize("key", sorted(words.catalogue()))
def test_an_entry_says_the_same_in_both(key) -> None:
    entry = words.catalogue()[key]
    assert set(entry) - {"en_one"} == set(words.LANGS)
    en, zh = (set(re.findall(r"{(\w+)", entry[lang])) for lang in words.LANGS)
    assert en == zh
    assert all(text.strip() for text in entry.values())


@pytest.mark.parametrize("key", sorted(words.catalogue()))
def test_an_entry_that_counts_says_one_as_one(key) -> None:
    entry = words.catalogue()[key]
    if re.search(r"(?<!of )\{n\} \w+s\b", entry["en"]):
        assert words.say("en", key, **dict.fromkeys(re.findall(r"{(\w+)", entry["en"]), 1)) == (
            entry["en_one"].format(**dict.fromkeys(re.findall(r"{(\w+)", entry["en"]), 1))
        )


def test_one_document_is_no_documents() -> None:
    assert words.say("en", "home.holds", n=1) == "1 document answers here."
    assert words.say("en", "home.holds", n=2) == "2 documents answer here."
    assert words.say("zh", "home.holds", n=1) == "这里有 1 份文档可供提问。"


def test_what_is_used_is_there() -> None:
    used = {key for text in _texts() for key in _USED.findall(text) if not key.endswith((".", "_"))}
    assert used - set(words.catalogue()) == set()


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr,zh;q=0.3,en;q=0.2", "zh"),
        ("fr", "en"),
        ("", "en"),
        ("zh;q=x", "en"),
    ],
)
def test_the_browser_says_which_language(accept, lang) -> None:
    assert words.preferred(accept) == lang


def test_what_the_catalogue_does_not_know_keeps_its_name() -> None:
    assert words.known("zh", "stages", "their-own") == "their-own"
    assert words.known("zh", "stages", "search") == "检索"
