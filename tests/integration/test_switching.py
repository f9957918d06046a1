"""A document that is switched off is found by nothing, whatever is synced; switched on, it is found as before."""

import json

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.errors import MissingError
from surefoot.core.types import Query
from surefoot.run.last_sync import last_sync
from surefoot.run.switching import every_index, switch, switched_off

SECRET = {
    "en": ("The vault code is kingfisher.", "kingfisher"),
    "zh": ("金库的口令是翠鸟。", "翠鸟"),
}
OTHER = {"en": "The canteen serves soup on Tuesdays.", "zh": "食堂星期二供应汤。"}
WAYS = {
    "plain": "",
    "views": 'views = [{kind = "questions"}, {kind = "context"}]\n[corpus.graph]\n',
}
STAGES = {
    "plain": '[[stages]]\nkind = "search"\n[[stages]]\nkind = "quote"\nrefuse = {threshold = 0}\n',
    "views": '[[stages]]\nkind = "search"\n[[stages]]\nkind = "graph"\n'
    '[[stages]]\nkind = "quote"\nrefuse = {threshold = 0}\n',
}
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])


@pytest.fixture
def folder(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()

    def write(lang, way="plain"):
        (docs / "vault.md").write_text(SECRET[lang][0] + "\n", encoding="utf-8")
        (docs / "canteen.md").write_text(OTHER[lang] + "\n", encoding="utf-8")
        text = (
            'schema = 1\n[corpus]\nsources = [{kind = "folder", path = "docs"}]\n'
            f'embed = {{kind = "hash"}}\n{WAYS[way]}{STAGES[way]}'
        )
        (tmp_path / "surefoot.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def found(space, text):
    hits = space.search(text)
    return {hit.chunk.document_id for hit in hits}, " ".join(hit.chunk.text for hit in hits)


@BOTH
@pytest.mark.parametrize("way", list(WAYS))
def test_what_is_off_is_found_by_nothing_until_it_is_on(lang, way, folder):
    said, word = SECRET[lang]
    with surefoot.open(folder(lang, way)) as space:
        space.sync()
        before = space.search(said)
        marks = space.resources.index().version()
        assert "docs/vault.md" in found(space, said)[0]
        assert switch([space], ["docs/vault.md"], on=False) == 1
        assert found(space, said) == ({"docs/canteen.md"}, OTHER[lang])
        assert word not in space.ask(said).text
        assert space.resources.index().frequencies([word])[0] == [0]
        assert space.resources.index().mentions() == tuple(
            one for one in space.resources.index().mentions() if one.document_id != "docs/vault.md"
        )
        assert switch([space], ["docs/vault.md"], on=True) == 1
        assert space.search(said) == before
        assert space.resources.index().version() == marks


@BOTH
def test_it_stays_off_when_it_changes_and_when_it_is_read_anew(lang, folder):
    root = folder(lang)
    with surefoot.open(root) as space:
        space.sync()
        switch([space], ["docs/vault.md"], on=False)
        assert space.plan().lines()[-1].startswith("0 new, 0 changed")
        (root / "docs/vault.md").write_text(SECRET[lang][0] * 2, encoding="utf-8")
        report = space.sync()
        assert (report.changed, report.off) == (0, 1)
        assert found(space, SECRET[lang][1])[0] == {"docs/canteen.md"}
        space.remove(["docs/vault.md"])
        space.sync()
        assert found(space, SECRET[lang][1])[0] == {"docs/canteen.md"}
        assert switched_off(space) == {"docs/vault.md"}
        switch([space], ["docs/vault.md"], on=True)
        assert SECRET[lang][0] * 2 in found(space, SECRET[lang][1])[1]
        assert switched_off(space) == set()


def test_every_index_of_the_workspace_leaves_it_out(folder):
    root = folder("en")
    (root / "solutions").mkdir()
    text = (root / "surefoot.toml").read_text("utf-8")
    fine = text.replace("embed =", 'chunk = {kind = "fixed", max_tokens = 64}\nembed =')
    (root / "solutions/fine.toml").write_text(fine, encoding="utf-8")
    (root / "solutions/late.toml").write_text(fine.replace("64", "32"), encoding="utf-8")
    (root / "solutions/wrong.toml").write_text("schema = 1\nnonsense = 2\n", encoding="utf-8")
    with surefoot.open(root) as space, surefoot.open(root, solution="fine") as fine:
        space.sync()
        fine.sync()
        with every_index(space) as spaces:
            assert len(spaces) == 2  # what `late` builds later leaves it out too
            switch(spaces, ["docs/vault.md"], on=False)
        for one in (space, fine):
            assert found(one, "kingfisher")[0] == {"docs/canteen.md"}
        with surefoot.open(root, solution="late") as late:
            late.sync()
            assert found(late, "kingfisher")[0] == {"docs/canteen.md"}


def test_unknown_ids_change_nothing(folder):
    with surefoot.open(folder("en")) as space:
        space.sync()
        with pytest.raises(MissingError, match="no such document"):
            switch([space], ["docs/vault.md", "docs/none.md"], on=False)
        assert switched_off(space) == set()
        assert space.query("x") == Query("x", "en", asker=space.query("x").asker)


def test_the_command_line_switches_and_tells_the_last_sync(folder, monkeypatch, capsys):
    root = folder("zh")
    monkeypatch.chdir(root)
    assert run(["sync", "-q"]) == 0
    (root / "docs/broken.pdf").write_bytes(b"%PDF-1.4 torn")
    (root / "docs/new.md").write_text("新的一页。", encoding="utf-8")
    run(["sync", "-q"])
    capsys.readouterr()
    assert run(["status", "--last", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["added"] == ["docs/broken.pdf", "docs/new.md"]
    assert told["problems"][0]["id"] == "docs/broken.pdf"
    assert run(["disable", "docs/vault.md"]) == 0
    assert run(["status"]) == 0
    said = capsys.readouterr().out
    assert "1 off" in said
    assert "it is switched off" in said
    assert run(["search", SECRET["zh"][1], "--json"]) == 0
    assert "vault" not in capsys.readouterr().out
    assert run(["enable", "docs/vault.md", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == 1
    with surefoot.open(root) as space:
        assert last_sync(space) is not None
