"""[corpus.graph] from files to the second hop: kept in step by sync, in English and Chinese."""

import pytest

import surefoot

SOLUTION = """
schema = 1
[corpus]
sources = [{ kind = "folder", path = "docs" }]
embed = { kind = "hash" }
GRAPH
[[stages]]
kind = "search"
vector = 0
keep = 2
STAGE
"""
FILES = {
    "en": {
        "film.md": "# The Glass Harbour\n\nA film of 1998. Tom Reyes plays the pilot; directed by Mara Lund.\n",
        "lund.md": "# Mara Lund\n\nShe grew up in Vardø and studied law.\n",
        "noise.md": "# Notes\n\nWhere was the director of the harbour born? The harbour of glass was.\n",
        "more.md": "# More notes\n\nThe director was born where the harbour was.\n",
    },
    "zh": {
        "film.md": "# 玻璃海港\n\n1998年的影片，陈大川饰演领航员，导演是林墨言。\n",
        "lund.md": "# 林墨言\n\n她在哈尔滨长大，学过法律。\n",
        "noise.md": "# 笔记\n\n港口的导演出生在哪里？导演出生在港口，玻璃的海港。\n",
        "more.md": "# 更多笔记\n\n导演出生在海港。\n",
    },
}
ASKED = {
    "en": "Where was the director of The Glass Harbour born?",
    "zh": "《玻璃海港》的导演出生在哪里？",
}


@pytest.fixture
def opened(tmp_path):
    def make(lang, stage, graph="[corpus.graph]"):
        docs = tmp_path / "docs"
        docs.mkdir(exist_ok=True)
        for name, text in FILES[lang].items():
            (docs / name).write_text(text, encoding="utf-8")
        stages = f'[[stages]]\nkind = "{stage}"' if stage else ""
        text = SOLUTION.replace("GRAPH", graph).replace("STAGE", stages)
        (tmp_path / "surefoot.toml").write_text(text, encoding="utf-8")
        space = surefoot.open(tmp_path)
        space.sync()
        return space

    return make


def names(space, question):
    return {hit.chunk.document_id.rpartition("/")[2] for hit in space.search(question)}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("stage", ["iterate", "graph"])
def test_the_second_hop_is_reached_and_follows_the_files(opened, tmp_path, lang, stage):
    with opened(lang, "") as space:
        assert "lund.md" not in {
            h.chunk.document_id.rpartition("/")[2] for h in space.search(ASKED[lang], limit=2)
        }
    with opened(lang, stage) as space:
        assert {"film.md", "lund.md"} <= names(space, ASKED[lang])
        (tmp_path / "docs" / "lund.md").unlink()
        space.sync()
        assert "lund.md" not in names(space, ASKED[lang])


def test_entities_are_kept_only_where_a_graph_is_asked_for(opened):
    with opened("en", "iterate", graph="") as space:
        plain = space.resources.recipe
        assert all(mention.entities == () for mention in space.resources.index().mentions())
    with opened("en", "iterate") as space:
        assert space.resources.recipe != plain
        found = {key for mention in space.resources.index().mentions() for key in mention.entities}
        assert {"mara lund", "tom reyes"} <= found
    with opened("en", "iterate", graph="[corpus.graph]\nper_passage = 1") as space:
        assert all(len(mention.entities) <= 1 for mention in space.resources.index().mentions())
