"""Settings that change how questions are read name the solution and not the index."""

from typing import Annotated, Literal

from surefoot.config.base import Asking, ModelName, PartSettings
from surefoot.config.solution import Corpus, Solution, recipe_digest, solution_digest
from surefoot.ingest.chunk import StructureSettings
from surefoot.models.embed import LocalSettings
from surefoot.retrieve.search import SearchSettings


class PlainSettings(PartSettings):
    kind: Literal["plain"] = "plain"
    model: ModelName = "m"


class AskedSettings(PlainSettings):
    query_model: Annotated[ModelName | None, Asking()] = None


def corpus(embed):
    return Corpus(embed=embed, chunk=StructureSettings())


def test_the_index_stays_and_the_solution_is_another():
    plain, asked = AskedSettings(), AskedSettings(query_model="tuned")
    resolve = "{}:{}".format
    assert recipe_digest(corpus(asked), resolve) == recipe_digest(corpus(plain), resolve)
    digests = {
        solution_digest(Solution(corpus=corpus(embed), stages=(SearchSettings(),)), resolve)
        for embed in (plain, asked, AskedSettings(query_model="other"))
    }
    assert len(digests) == 3


def test_other_weights_under_the_same_name_are_another_solution():
    solution = Solution(
        corpus=corpus(AskedSettings(query_model="tuned")), stages=(SearchSettings(),)
    )
    first = solution_digest(solution, lambda what, name: f"{what}{name}1")
    assert solution_digest(solution, lambda what, name: f"{what}{name}2") != first


def test_what_was_indexed_before_the_setting_came_stays_valid():
    resolve = "{}:{}".format
    assert recipe_digest(corpus(AskedSettings()), resolve) == recipe_digest(
        corpus(PlainSettings()), resolve
    )
    assert LocalSettings().query_model is None
