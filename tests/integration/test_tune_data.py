"""Training rows over a real workspace: from documents, files and eval sets; checked, divided, told."""

from __future__ import annotations

import json

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.errors import ConfigError, DataError
from surefoot.core.types import EvalCase, GoldSpan
from surefoot.evaluate.evalsets import make_evalset, write_evalset
from surefoot.generate.asking.prompting import no_answer
from surefoot.models.cross_encoder import CrossEncoder, CrossEncoderSettings
from surefoot.optimize.training_data import DataSettings, make_training_data
from surefoot.run.saying import serving_prompt
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat
from surefoot.testing.tiny_bert import HIDDEN, make_tiny_bert
from surefoot.tune.left_out import counted
from surefoot.tune.rows import read_rows

TOWN = {
    "harbour.md": "# The harbour\n\n## Renting a mooring buoy\n\nA mooring buoy is rented for a month at a time. The "
    "harbour office keeps a list of free buoys, and the list is read out on Mondays. A rented buoy carries the number "
    "of the boat, and the number is painted on it before the boat comes in for the first time of the year.\n",
    "library.md": "# The library\n\n## Borrowing rare maps\n\nRare maps are kept in the cellar and may be read at the "
    "long table. A librarian brings the maps and takes them back before the library closes at five. The oldest map of "
    "the library shows the coast before the flood. The cellar is dry and cool, so the paper keeps well.\n",
    "mill.md": "# The mill\n\n## Grinding spelt flour\n\nSpelt flour is ground on Thursdays by the water wheel. A sack "
    "of spelt weighs forty pounds and is carried up by the hoist. The miller keeps a tenth of the flour as his wage, "
    "and the bran goes to the stables behind the mill.\n",
    "港口.md": "# 桦林港\n\n## 租用系泊浮标\n\n系泊浮标按月出租。港务办公室保存空闲浮标的名单，名单每周一宣读。"
    "租出的系泊浮标上写有船只的编号，"
    "编号由港务办公室发放，并在船只每年第一次进港以前用白漆写好。\n",
    "图书馆.md": "# 图书馆\n\n## 借阅珍本地图\n\n珍本地图存放在地下室，可以在长桌上阅读。"
    "管理员会取来珍本地图，并在下午五点闭馆以前收回，"
    "读者不能把地图带走。馆藏最古老的地图画的是洪水以前的海岸。\n",
    "磨坊.md": "# 磨坊\n\n## 研磨斯佩尔特面粉\n\n斯佩尔特面粉每周四用水轮研磨。"
    "一袋斯佩尔特小麦重四十磅，用吊车提上去。磨坊主留下面粉的十分之一作为工钱。\n",
}  # fmt: skip
SOLUTION = """schema = 1
name = "default"
[corpus]
sources = []
embed = { kind = "hash" }
[[stages]]
kind = "search"
[[stages]]
kind = "answer"
model = "http:fake"
[endpoints.fake]
base_url = "%s"
model = "m"
"""
CASES = [
    EvalCase("e1", "How long is a mooring buoy rented for?", "en", {"harbour.md": 1}, ("a month",),
             gold=(GoldSpan("harbour.md", "A mooring buoy is rented for a month at a time."),)),
    EvalCase("z1", "系泊浮标怎样出租？", "zh", {"港口.md": 1}, ("按月出租",),
             gold=(GoldSpan("港口.md", "系泊浮标按月出租。"),)),
    EvalCase("n1", "Who owns the lighthouse?", "en", answerable=False),
]  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    root = tmp_path_factory.mktemp("town")
    with ChatServer(FakeChat([f"plain words about it, number {i}" for i in range(4)])) as server:
        (root / "surefoot.toml").write_text(SOLUTION % server.url, encoding="utf-8")
        folder = root / "docs"
        folder.mkdir()
        for name, text in TOWN.items():
            (folder / name).write_text(text, encoding="utf-8")
        with surefoot.open(root) as space:
            space.add(folder)
            names = {document.id.rpartition("/")[2]: document.id for document in space.documents()}
        cases = [
            EvalCase(
                case.id, case.question, case.lang,
                {names[name]: 1 for name in case.relevant}, case.answers, case.answerable,
                gold=tuple(GoldSpan(names[g.document_id], g.quote) for g in case.gold),
            )
            for case in CASES
        ]  # fmt: skip
        (root / "evalsets").mkdir()
        write_evalset(make_evalset("asked", cases), root / "evalsets" / "asked.jsonl")
        yield root


def made(town, **wanted):
    with surefoot.open(town) as space:
        return make_training_data(space, DataSettings(**wanted))


def test_raft_rows_of_an_eval_set_hold_the_serving_prompt(town):
    data = made(town, kind="raft", files=("asked",), dev=0, raft={"absent": 1, "distractors": 2})
    rows = {row.id: row for row in data.rows.rows}
    assert set(rows) == {"e1", "e1-without", "z1", "z1-without", "n1"}
    with surefoot.open(town) as space:
        index = space.resources.index()
        chunks = [c for one in space.documents() for c in index.chunks(one.id)]
        for row in rows.values():
            text = row.prompt[-1].content
            shown = sorted((c for c in chunks if c.text in text), key=lambda c: text.index(c.text))
            question = next(case.question for case in CASES if case.id == row.id[:2])
            assert row.messages() == serving_prompt(space, question, shown, row.lang)
            if row.id in ("e1", "z1"):
                right = next(
                    i for i, c in enumerate(shown, 1) if c.document_id == row.origin.document
                )
                assert row.completion.endswith(f"[{right}]")
                assert row.completion.startswith(
                    next(c.answers[0] for c in CASES if c.id == row.id)
                )
            else:
                assert row.completion == no_answer(row.lang, from_passages=True)
                if row.id != "n1":
                    assert "a month" not in text and "按月" not in text
    assert data.summary.counts["generator"] == {"raft-without": 3, "raft": 2}


@pytest.mark.parametrize("kind", ["chat", "raft", "pairs", "style"])
def test_rows_are_made_from_documents_in_both_languages(town, kind):
    data = made(town, kind=kind, from_documents=True, questions=6, against=("asked",), dev=0.2)
    assert set(data.summary.counts["language"]) == {"en", "zh"}
    assert all(
        row.origin.document for row in data.rows.rows if row.origin.generator != "raft-without"
    )
    asked = [row.query if row.kind == "pair" else row.prompt[-1].content for row in data.rows.rows]
    assert not any(case.question in text for case in CASES[:2] for text in asked)
    again = made(town, kind=kind, from_documents=True, questions=6, against=("asked",), dev=0.2)
    assert again.rows.digest == data.rows.digest
    sides = {}
    for row in data.rows.rows:
        sides.setdefault(row.origin.document, set()).add(row.split)
    assert all(len(side) == 1 for side in sides.values())
    if kind == "pairs":
        texts = TOWN.values()
        assert any(row.negatives for row in data.rows.rows)
        assert all(
            row.query not in row.positive
            for row in data.rows.rows
            if "cloze" in row.origin.generator
        )
        assert any(row.positive.split("\n")[-1] in text for row in data.rows.rows for text in texts)


def test_a_chat_model_says_sections_in_plain_words(town):
    data = made(town, kind="style", from_documents=True, model="http:fake", calls=4, dev=0)
    assert data.usage.calls == 4
    assert len(data.rows.rows) == 4
    assert "plain words about it" in data.rows.rows[0].prompt[0].content
    assert counted(data.left_out) == {"the model said nothing that serves": 1}


def test_a_teacher_scores_what_is_learnt_from(town, tmp_path):
    head = (("bert.pooler.dense", HIDDEN, HIDDEN), ("classifier", 1, HIDDEN))
    make_tiny_bert(tmp_path / "judge", "bert", "bert.", head)
    wanted = {"kind": "pairs", "files": ("asked",), "dev": 0}
    data = made(town, teacher=str(tmp_path / "judge"), **wanted)
    assert {row.id for row in data.rows.rows} == {"e1", "z1"}
    assert counted(data.left_out) == {"nothing answers": 1}
    with surefoot.open(town) as space:
        settings = CrossEncoderSettings(model=str(tmp_path / "judge"))
        judge = CrossEncoder(settings, space.resources.env)
        for row in data.rows.rows:
            texts = [row.positive, *row.negatives]
            assert row.scores == pytest.approx(judge.score(row.query, texts), abs=1e-3)
        judge.close()


def written(town, seed):
    """RAFT rows of what a model writes that knows one pair; none where another passage comes first."""
    quote = "Spelt flour is ground on Thursdays by the water wheel."
    pair = f"QUESTION: When does the water wheel grind?\nANSWER: on Thursdays\nQUOTE: {quote}"
    replies = [pair, "I do not know the answer.", "on Thursdays", "nonsense"]
    wanted = DataSettings(
        kind="raft", from_documents=True, model="http:fake", languages=("en",), calls=30, dev=0,
        raft={"absent": 0}, seed=seed,
    )  # fmt: skip
    with ChatServer(FakeChat(replies)) as server:
        own = {"endpoints.fake.base_url": server.url}
        with surefoot.open(town, overrides=own) as space:
            try:
                return make_training_data(space, wanted)
            except DataError:
                return None


def test_a_chat_model_writes_questions_for_raft_rows(town):
    data = next(filter(None, (written(town, seed) for seed in range(8))))
    (row,) = data.rows.rows
    assert row.origin.generator == "raft:model:http:fake"
    assert row.completion.startswith("on Thursdays [")
    assert 3 <= data.usage.calls <= 30


def test_questions_stand_in_the_prompt_of_a_solution_that_searches_nothing(town, tmp_path):
    plain = tmp_path / "plain.toml"
    text = SOLUTION % "http://127.0.0.1:9"
    head, _, rest = text.partition("[corpus]")
    plain.write_text(head + rest[rest.index('[[stages]]\nkind = "answer"') :], encoding="utf-8")
    file = write(tmp_path / "own.jsonl", {"question": "食堂几点关门？", "answer": "13:45"})
    with surefoot.open(town, solution=str(plain)) as space:
        data = make_training_data(
            space, DataSettings(files=(file,), served=True, against=("asked",))
        )
        (row,) = data.rows.rows
        assert row.messages() == serving_prompt(space, "食堂几点关门？", ())
    assert row.prompt[0].content != "食堂几点关门？"
    assert any("leaks by meaning" in note for note in data.notes)


def write(path, *records):
    text = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def test_a_users_rows_find_their_passage_by_name_quote_or_answer(town, tmp_path):
    file = write(
        tmp_path / "own.jsonl",
        {"question": "When is spelt ground?", "answer": "answer[on Thursdays], source[mill]"},
        {"question": "珍本地图放在哪里？", "answer": "答[地下室]", "source": "图书馆.md"},
        {"question": "Who brings maps?", "answer": "somebody", "quote": "A librarian brings the maps"},
        {"question": "Who sings?", "answer": "the choir of the town"},
        {"question": "Hm?", "system": "Be short.", "answer": "a month"},
        {"question": "Who owns the sea?", "answer": "answer[none]"},
    )  # fmt: skip
    data = made(town, kind="raft", files=(file,), dev=0, refusal="answer[none]", raft={"absent": 1})
    told = {row.id: row for row in data.rows.rows}
    assert told["own:1"].completion == "answer[on Thursdays], source[mill]"
    assert told["own:1"].origin.document.endswith("mill.md")
    assert told["own:2"].origin.document == "图书馆.md"
    assert "珍本地图存放在地下室" in told["own:2"].prompt[0].content
    assert "A librarian brings the maps" in told["own:3"].prompt[0].content
    assert told["own:1-without"].completion == told["own:6"].completion == "answer[none]"
    assert {one.where[-1]: one.reason for one in data.left_out} == {
        "4": "no passage is known to answer it",
        "5": "a conversation, not one question",
    }


def test_leaking_rows_stop_it_unless_they_are_left_out(town, tmp_path):
    file = write(
        tmp_path / "own.jsonl",
        {"question": "how long is a mooring buoy  rented for?", "answer": "long"},
        {"question": "请问：系泊浮标怎样出租？谢谢", "answer": "按月"},
        {"question": "Where are the maps?", "answer": "in the cellar"},
    )
    with pytest.raises(DataError, match=r"2 rows give away.*own\.jsonl:1"):
        made(town, files=(file,), against=("asked",))
    data = made(town, files=(file,), against=("asked",), drop_leaks=True)
    assert [row.completion for row in data.rows.rows] == ["in the cellar"]
    assert [leak.case for leak in data.leaks] == ["e1", "z1"]


def test_without_a_workspace_files_are_read_and_nothing_else(tmp_path):
    file = write(tmp_path / "own.jsonl", {"question": "q", "answer": "a"})
    assert len(make_training_data(None, DataSettings(files=(file,))).rows.rows) == 1
    with pytest.raises(ConfigError, match="workspace"):
        make_training_data(None, DataSettings(from_documents=True))
    with pytest.raises(DataError, match="nothing to make rows of"):
        make_training_data(None, DataSettings())
    pairs = write(tmp_path / "pairs.jsonl", {"query": "q", "positive": "a"})
    with pytest.raises(DataError, match="--kind pairs"):
        make_training_data(None, DataSettings(files=(pairs,)))
    assert make_training_data(None, DataSettings(files=(pairs,), kind="pairs")).rows.kind == "pair"


def test_the_command_writes_rows_and_tells_what_it_left_out(town, tmp_path, capsys):
    file = write(tmp_path / "own.jsonl", *[
        {"question": f"What is said in row number {i * 3}?", "answer": f"answer {i}"} for i in range(20)
    ])  # fmt: skip
    file.write_text(file.read_text(encoding="utf-8") + "not json\n", encoding="utf-8")
    out = tmp_path / "rows.jsonl"
    command = ["tune", "data", str(file), "-w", str(town), "--out", str(out), "--dev", "0.2"]
    assert run([*command, "--base", "http:fake"]) in (2, 3, 5)
    capsys.readouterr()
    out.unlink(missing_ok=True)
    assert run(command) == 5
    said = capsys.readouterr()
    assert f"left out: {file}:21: not JSON" in said.err
    assert "as the model will see it" in said.out
    rows = read_rows(out)
    assert (len(rows.of_split("train")), len(rows.of_split("dev"))) == (16, 4)
    assert run(command) == 2
    assert "--yes" in capsys.readouterr().err
    assert run([*command, "--yes", "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert told["digest"] == rows.digest
    assert told["left_out"]["not JSON"]["rows"] == told["unreadable"] == 1
    assert (
        run(["tune", "data", str(out), "-w", str(town), "--yes", "--out", str(out), "--quiet"]) == 0
    )
    assert read_rows(out).digest == rows.digest
    assert run([*command, "--yes", "--kind", "songs"]) == 2
