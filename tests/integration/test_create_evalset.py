"""An eval set from a workspace's own documents: made, kept, asked, and the same again with the same seed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.config.catalog import load_catalog
from surefoot.config.settings import load_settings
from surefoot.core.errors import DataError, MissingError, TransientError
from surefoot.evaluate import evaluate_workspace
from surefoot.evaluate.evalsets import load_evalset
from surefoot.evaluate.generate import CreateSettings, create_evalset, forecast_evalset
from surefoot.evaluate.hidden import asked_honestly, hidden_spans
from surefoot.models.base import ModelEnv
from surefoot.models.chat import open_chat
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat

TOWN = {
    "en/harbour.md": (
        "# The harbour\n\n## Renting a mooring buoy\n\nA mooring buoy is rented for a month at a time. The harbour "
        "office keeps a list of free buoys, and the list is read out on Mondays. A rented buoy carries the number "
        "of the boat.\n\nIf you want to leave a boat over the winter, you can ask the harbour master for a place in "
        "the dry dock.\n\nA windlass is a machine that hauls the anchor chain over a drum.\n"
    ),
    "en/library.md": (
        "# The library\n\n## Borrowing rare maps\n\nRare maps are kept in the cellar and may be read at the long "
        "table. A librarian brings the maps and takes them back before the library closes at five. The oldest map "
        "of the library shows the coast before the flood. The cellar is dry and cool, so the paper keeps well.\n"
    ),
    "zh/港口.md": (
        "# 桦林港\n\n## 租用系泊浮标\n\n系泊浮标按月出租。港务办公室保存空闲浮标的名单，名单每周一宣读。"
        "租出的系泊浮标上写有船只的编号，编号由港务办公室发放。\n\n如果你想让船只在港口过冬，可以向港务长申请干船坞的位置。\n\n"
        "绞盘是一种用卷筒收起锚链的机器。\n"
    ),
    "zh/图书馆.md": (
        "# 图书馆\n\n## 借阅珍本地图\n\n珍本地图存放在地下室，可以在长桌上阅读。"
        "管理员会取来珍本地图，并在下午五点闭馆以前收回，读者不能把地图带走。馆藏最古老的地图画的是洪水以前的海岸。地下室干燥凉爽，纸张因此保存得很好。\n"
    ),
    "desk.txt": "Where is my parcel now?\nI would like to know where the parcel is.\nHow long does a parcel travel?\n"
    "My parcel has not arrived yet.\n",
}
SOLUTION = """schema = 1
name = "default"
[corpus]
sources = []
embed = { kind = "hash" }
[[stages]]
kind = "search"
"""
PAIR = (
    "QUESTION: How long is a mooring buoy rented for?\nANSWER: a month at a time\n"
    "QUOTE: A mooring buoy is rented for a month at a time."
)


@pytest.fixture
def town(tmp_path):
    for name, text in TOWN.items():
        file = tmp_path / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    root = tmp_path / "work"
    root.mkdir()
    (root / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    with surefoot.open(root) as space:
        space.add(tmp_path / "docs")
    return root


def test_both_languages_get_questions_with_gold_that_is_there(town):
    with surefoot.open(town) as space:
        made = create_evalset(space, CreateSettings(name="town", questions=20))
        texts = {document.id: document.text for document in space.documents()}
    cases = made.evalset.cases
    assert {case.lang for case in cases} == {"en", "zh"}
    answerable = [case for case in cases if case.answerable]
    for case in answerable:
        (gold,) = case.gold
        assert texts[gold.document_id][gold.start : gold.end] == gold.quote
        assert case.cluster == gold.document_id
        assert case.source == f"generated:{case.tags[0]}"
    methods = {case.tags[0] for case in answerable}
    assert {"heading", "definition", "statement"} <= methods
    assert made.report.documents == 5
    assert sum(map(sum, (counts.values() for counts in made.report.made.values()))) == len(cases)


def test_the_same_seed_makes_the_same_set_and_another_one_another(town):
    with surefoot.open(town) as space:
        first, again, other = (
            create_evalset(space, CreateSettings(questions=6, seed=seed)).evalset.digest
            for seed in (1, 1, 2)
        )
    assert first == again
    assert first != other


def test_a_question_that_is_a_sentence_is_asked_without_that_sentence(town):
    with surefoot.open(town) as space:
        made = create_evalset(space, CreateSettings(questions=20, methods=("asked", "cloze")))
        evalset = made.evalset
        assert made.report.hidden == len(evalset.cases) > 0
        live = {document.id: document.text for document in space.documents()}
        with asked_honestly(space, evalset) as other:
            texts = {document.id: document.text for document in other.documents()}
            assert {name: len(text) for name, text in texts.items()} == {
                name: len(text) for name, text in live.items()
            }
            for name, spans in hidden_spans(evalset).items():
                for start, end in spans:
                    assert not any(char.isalnum() for char in texts[name][start:end])
            place = other.place.tables
        with asked_honestly(space, evalset) as again:
            assert again.place.tables == place
        found = evaluate_workspace(space, evalset)
        assert {document.id: document.text for document in space.documents()} == live
        assert not found.failures
        assert found.identity["corpus_version"] == space.resources.index().version()


def test_sets_without_hidden_sentences_are_asked_as_they_are(town):
    with surefoot.open(town) as space:
        made = create_evalset(space, CreateSettings(questions=5, hidden=False))
        assert made.report.hidden == 0
        with asked_honestly(space, made.evalset) as same:
            assert same is space


def test_questions_of_a_neighbour_have_no_answer_here(town, tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    text = "# Ovens\n\nA tandoor is a clay oven that is heated by charcoal at its bottom.\n"
    (folder / "ovens.md").write_text(text, encoding="utf-8")
    other = tmp_path / "other"
    other.mkdir()
    (other / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    with surefoot.open(other) as space:
        space.add(folder)
    with surefoot.open(town) as space:
        wanted = CreateSettings(questions=8, unanswerable=0.5, neighbours=(other,))
        cases = create_evalset(space, wanted).evalset.cases
    foreign = [case for case in cases if "neighbour" in case.tags]
    assert any("tandoor" in case.question for case in foreign)
    assert not any(case.answerable or case.gold for case in foreign)


def test_the_command_writes_the_set_and_never_over_another(town, capsys):
    command = ["evalset", "create", "town", "-n", "6", "--workspace", str(town)]
    assert run([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    evalset = load_evalset(town / "evalsets" / "town.jsonl")
    assert evalset.digest == told["digest"]
    assert run(command) == 2
    assert "--yes" in capsys.readouterr().err
    assert run([*command, "--yes", "--method", "definition"]) == 0
    assert "definition" in capsys.readouterr().out
    assert run([*command, "--yes", "--method", "nothing"]) == 2


def test_a_chat_model_writes_within_its_calls(town):
    replies = [PAIR, "I do not know the answer.", "a month at a time", "nonsense"]
    with ChatServer(FakeChat(replies)) as server:
        endpoint = f'[endpoints.fake]\nbase_url = "{server.url}"\nmodel = "m"\n'
        file = town / "surefoot.toml"
        file.write_text(file.read_text(encoding="utf-8") + endpoint, encoding="utf-8")
        wanted = CreateSettings(model="http:fake", languages=("en",), calls=4, unanswerable=0)
        with surefoot.open(town) as space:
            expected = forecast_evalset(space, wanted)
            assert len(server.asked) == 0
            made = create_evalset(space, wanted)
    assert len(server.asked) == made.report.usage.calls <= 4
    assert 0 < expected.calls <= 4
    assert made.report.forecast == expected
    assert [case.tags for case in made.evalset.cases] in ([("written",)], [])


def small_model():
    try:
        return open_chat(
            load_catalog().default("chat"), ModelEnv(load_settings().settings.models, threads=1)
        )
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the packaged chat model cannot be had: {problem}")


@pytest.mark.slow
def test_the_packaged_model_writes_english_questions_or_none(town):
    small_model().close()
    with surefoot.open(town) as space:
        wanted = CreateSettings(
            model=load_catalog().default("chat"), languages=("en",), questions=2, calls=9
        )
        written_holds(space, wanted)


@pytest.mark.slow
def test_a_chinese_model_writes_chinese_questions_or_none(town):
    given = os.environ.get("SUREFOOT_TEST_CHAT_ZH", "")
    if not Path(given).is_file():
        pytest.skip("SUREFOOT_TEST_CHAT_ZH does not name a .gguf file that chats in Chinese")
    with surefoot.open(town) as space:
        written_holds(space, CreateSettings(model=given, languages=("zh",), questions=2, calls=9))


def written_holds(space, wanted):
    """What must be true however weak the model is: what is taken is verbatim, all else is counted by reason."""
    texts = {document.id: document.text for document in space.documents()}
    try:
        made = create_evalset(space, wanted)
    except DataError:
        return
    print(made.report)
    for case in made.evalset.cases:
        print(case.question, case.answers, case.gold)
        if case.answerable:
            (gold,) = case.gold
            assert texts[gold.document_id][gold.start : gold.end] == gold.quote
            assert case.answers[0]
    assert made.report.usage.calls <= wanted.calls
