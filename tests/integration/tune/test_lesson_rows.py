"""Rows for an arm that searches hold passages, and some lack the right one; those for a closed book hold none."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from surefoot.models.base import ModelEnv
from surefoot.optimize.compare.arms import Wanted, arm_solution, frame_of
from surefoot.optimize.compare.base import base_for_training
from surefoot.optimize.compare.files import CompareFiles
from surefoot.optimize.compare.lessons import Lesson, lesson_rows, with_dev
from surefoot.run.workspace import open_workspace
from surefoot.testing.tiny_chat import make_tiny_chat
from surefoot.tune.rows import ChatRow, ChatTurn, Origin, TuningRows

pytestmark = [pytest.mark.slow, pytest.mark.tune]
TOWNS = {
    "en": (["Alder", "Birch", "Cedar", "Elm", "Fir"], "{0} has {1} cranes.", "How many has {0}?"),
    "zh": (["桤木", "白桦", "雪松", "榆树", "冷杉"], "{0}有{1}台起重机。", "{0}有多少台起重机？"),
}
REFUSAL = {"en": "The documents do not answer this question.", "zh": "这些文档没有回答这个问题。"}
SOLUTION = """schema = 1
[corpus]
sources = [{ kind = "folder", path = "docs" }]
embed = { kind = "hash", dimensions = 64 }
[[stages]]
kind = "search"
[[stages]]
kind = "answer"
reply = "plain"
prompt = "short/passages"
plain = "answer/direct"
passages = 2
max_tokens = 12
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_tiny_chat(tmp_path_factory.mktemp("model") / "base")


@pytest.fixture(params=["en", "zh"])
def taught(request, tmp_path, model):
    lang = request.param
    towns, said, asked = TOWNS[lang]
    (tmp_path / "docs").mkdir()
    prompt = tmp_path / "prompts" / "short" / "passages"
    prompt.mkdir(parents=True)
    for name in ("en", "zh"):
        text = "{{passages}}\n{{question}}\n{{refusal}} {{mark}}\n"
        (prompt / f"{name}.md").write_text(text, encoding="utf-8")
    for at, town in enumerate(towns):
        file = tmp_path / "docs" / f"{at}.md"
        file.write_text(said.format(town, at + 11), encoding="utf-8")
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    env = ModelEnv(cache=tmp_path / "models", offline=True)
    base = base_for_training(str(model), env, "f16")
    with open_workspace(tmp_path, settings={"models": env.cache}) as space:
        space.sync()
        names = {document.text.strip(): document.id for document in space.documents()}
        frame = frame_of(space.settings_in_force())
    rows = [
        ChatRow(
            id=f"r{at}",
            prompt=(ChatTurn(role="user", content=asked.format(town)),),
            completion=f"answer[{at + 11}]",
            lang=lang,
            origin=Origin(document=names[said.format(town, at + 11)]),
        )
        for at, town in enumerate(towns)
    ]
    files = CompareFiles(tmp_path / ".surefoot", "c0ffee")

    def made(method, **more):
        file = files.write_solution(method, arm_solution(frame, Wanted(method, base.model)))
        return lesson_rows(
            Lesson(method, TuningRows.of(rows), tmp_path, file, str(model), env, 2, **more)
        )

    return lang, rows, made


def test_rows_are_in_the_prompt_that_is_served(taught):
    lang, rows, made = taught
    closed = made("lora")
    assert [row.prompt[-1].content for row in closed.rows] == [r.prompt[0].content for r in rows]
    assert {row.completion for row in closed.rows} == {row.completion for row in rows}
    open_book = made("lora+rag", no_evidence=1.0)
    right = [row for row in open_book.rows if row.completion != REFUSAL[lang]]
    declined = [row for row in open_book.rows if row.completion == REFUSAL[lang]]
    assert len(right) == len(declined) == len(rows)
    for row in right:
        assert row.completion.removeprefix("answer[").rstrip("]") in row.prompt[-1].content
    for row in declined:
        number = int(row.id.removeprefix("r").split("-")[0]) + 11
        assert str(number) not in row.prompt[-1].content.split(REFUSAL[lang])[0]
    assert open_book.tokens > closed.tokens > 0


def test_rows_without_a_split_get_some_to_stop_by(taught):
    _, rows, _ = taught
    many = [
        row.model_copy(update={"id": f"{row.id}-{n}", "origin": Origin(cluster=f"{row.id}-{n}"),
                               "prompt": (ChatTurn(role="user", content=f"{row.id} {n}?"),)})
        for row in rows for n in range(8)
    ]  # fmt: skip
    divided = with_dev(TuningRows.of(many))
    assert 2 <= sum(row.split == "dev" for row in divided) <= 6
    given = [many[0].model_copy(update={"split": "dev"}), *many[1:]]
    assert sum(row.split == "dev" for row in with_dev(TuningRows.of(given))) == 1
