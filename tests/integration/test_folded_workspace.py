"""A workspace that folds Han characters finds, quotes and cites documents of either script."""

import pytest

import surefoot

pytestmark = pytest.mark.slow

SOLUTION = """schema = 1
[corpus]
embed = {{ kind = "hash" }}
fold_han = {fold}
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
refuse = {{ threshold = 0.0 }}
"""


@pytest.fixture
def opened(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("圖書館週一到週五八點開門，週末不開放。", encoding="utf-8")
    (docs / "b.md").write_text("食堂中午十二点供应午餐。", encoding="utf-8")
    (docs / "c.md").write_text("The canteen serves lunch at noon.", encoding="utf-8")
    spaces = []

    def opened(fold):
        root = tmp_path / f"space-{fold}"
        root.mkdir()
        (root / "surefoot.toml").write_text(SOLUTION.format(fold=str(fold).lower()), "utf-8")
        space = surefoot.open(root)
        spaces.append(space)
        space.add(docs)
        return space

    yield opened
    for space in spaces:
        space.close()


@pytest.mark.parametrize(
    "question, name", [("图书馆几点开门？", "a.md"), ("食堂幾點供應午餐？", "b.md")]
)
def test_a_question_in_the_other_script_is_answered(opened, question, name):
    hit = opened(fold=True).search(question)[0]
    assert hit.chunk.document_id.endswith(name)
    assert hit.signals["cosine"] > 0.3


def test_what_is_quoted_stays_as_it_was_written(opened):
    answer = opened(fold=True).ask("图书馆几点开门？")
    assert "圖書館" in answer.text
    assert "圖書館" in answer.citations[0].quote


def test_without_folding_the_scripts_are_strangers(opened):
    hits = opened(fold=False).search("图书馆几点开门？")
    scores = {hit.chunk.document_id: hit.signals["cosine"] for hit in hits}
    assert next(score for name, score in scores.items() if name.endswith("a.md")) < 0.3


def test_folding_names_another_index(opened):
    recipes = {opened(fold).resources.recipe for fold in (True, False)}
    assert len(recipes) == 2
