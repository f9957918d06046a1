"""Entities and relations count only where they stand in the passage."""

import pytest

from surefoot.config.prompts import Prompts
from surefoot.config.solution import Graph
from surefoot.core.errors import DataError
from surefoot.core.lang.entities import related, relation
from surefoot.core.types import Chunk, Document
from surefoot.ingest.writing.naming import ModelNames

TEXTS = {
    "en": "The harbour of Zürich was built by Lena Holm. The ferry belongs to Northline (a company).",
    "zh": "桦林港由工程师林海建成。渡轮属于北线公司。",
}


def names(**settings):
    return ModelNames(Graph(model="m", **settings), Prompts().get)


def chunk(lang):
    return Chunk("d#0", "d", TEXTS[lang], 0, len(TEXTS[lang]), title="")


@pytest.mark.parametrize(
    ("lang", "reply", "keys"),
    [
        (
            "en",
            "NAME: Lena Holm\nname: “ZURICH”\nNAME: Paris\nLINK: Lena Holm | Zürich\n"
            "LINK: Zürich | Mars\nLINK: Zürich | Zurich",
            ("lena holm", "zurich", "lena holm→zurich"),
        ),
        (
            "zh",
            "名称：林海\n名称：《北线公司》\n名称：上海\n关系：渡轮 | 北线公司\n关系：林海 | 月球",
            ("林海", "北线公司", "渡轮", "北线公司→渡轮"),
        ),
        ("en", "- **NAME:** Northline\nNAME: the\nNAME: ine\nIgnore this", ("northline",)),
    ],
)
def test_only_what_stands_in_the_passage_is_taken(lang, reply, keys):
    assert names().keys(reply, chunk(lang)) == keys


@pytest.mark.parametrize("reply", ["", "Lena Holm", "NAME: Paris", "LINK: a | b", "名称：上海"])
def test_a_reply_that_names_nothing_of_it_says_so(reply):
    with pytest.raises(DataError, match="names nothing"):
        names().keys(reply, chunk("en"))


def test_entities_of_the_model_come_first_and_relations_last():
    own = ("lena holm", "oslo", relation("oslo", "lena holm"))
    assert names(per_passage=3).merged(own, ("oslo", "ferry", "noon")) == (
        "lena holm",
        "oslo",
        "ferry",
        "lena holm→oslo",
    )


def test_a_relation_is_told_from_an_entity():
    assert related(relation("b", "a")) == ("a", "b")
    assert related("lena holm") is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_passage_is_asked_about_in_its_language(lang):
    document = Document("d", "d", "x", TEXTS[lang], lang=lang)
    (request,) = names().requests(document, [chunk(lang)])
    assert TEXTS[lang] in request.messages[-1].content
    assert ("名称" in request.messages[0].content) is (lang == "zh")
