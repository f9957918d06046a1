import numpy as np
import pytest

from surefoot.core.types import Chunk, Hit
from surefoot.generate.asking.focusing import focused
from surefoot.generate.evidence import READING, ask, gather
from surefoot.generate.sentences import units

BODY = {
    "en": "The mill was sold. The baker moved in. Bread costs two crowns. "
    "Cake costs five crowns. The shop has a bell. It rings loudly.",
    "zh": "磨坊卖掉了。面包师搬了进来。面包卖两元。蛋糕卖五元。店里有一个铃。铃声很响。",
}
OTHER = {"en": "A cake needs eggs. Eggs come from hens.", "zh": "蛋糕需要鸡蛋。鸡蛋是母鸡下的。"}
QUESTION = {"en": "What does cake cost?", "zh": "蛋糕卖多少钱？"}
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])


class Even:
    """An encoder to which all texts are alike, so that words decide."""

    def embed_queries(self, texts):
        return np.ones((len(texts), 1), np.float32)

    embed_passages = embed_queries


def candidates(lang):
    hits = [
        Hit(Chunk("a", "d1", BODY[lang], 100, 100 + len(BODY[lang])), 1.0, "search"),
        Hit(Chunk("b", "d2", OTHER[lang], 7, 7 + len(OTHER[lang])), 0.5, "search"),
    ]
    question = ask(QUESTION[lang], lambda terms: ([1] * len(terms), 10))
    return gather(question, hits, Even(), READING).candidates


@BOTH
def test_a_passage_is_shortened_to_the_sentence_that_answers_and_its_neighbours(lang):
    (chunk,) = focused(candidates(lang), 1)
    found = units(BODY[lang], READING.limits)
    assert chunk.text == BODY[lang][found[2].start : found[4].end]
    assert BODY[lang][chunk.start - 100 : chunk.end - 100] == chunk.text
    assert (chunk.id, chunk.document_id) == ("a", "d1")


@BOTH
def test_many_sentences_give_one_stretch_of_each_passage(lang):
    chunks = focused(candidates(lang), 50)
    assert [(one.id, one.text) for one in chunks] == [("a", BODY[lang]), ("b", OTHER[lang])]


def test_nothing_found_shows_nothing():
    assert focused((), 3) == []
