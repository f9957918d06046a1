import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.lang import detect
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Query, Turn
from surefoot.retrieve.question.synonyms import Synonyms, SynonymsSettings, Thesaurus, read_groups
from surefoot.testing.contracts_stage import StageContract

GROUPS = (
    "PTO, paid leave, holiday",
    "VPN => remote access",
    "年假、带薪休假",
    "笔记本 => 手提电脑",
)


def stage(groups=GROUPS, **settings):
    return Synonyms(SynonymsSettings(groups=groups, **settings), Parts(*[None] * 5))


def asked(text):
    return Turn(Query(text, detect(text)))


class TestSynonymsContract(StageContract):
    @pytest.fixture
    def stage(self):
        return stage()

    @pytest.fixture(params=["How much paid leave?", "年假有多少天？"])
    def turn(self, request):
        return asked(request.param)


@pytest.mark.parametrize(
    "question, variants",
    [
        (
            "How much Paid  Leave is there?",
            ["How much PTO is there?", "How much holiday is there?"],
        ),
        ("Is VPN needed?", ["Is remote access needed?"]),
        ("Is remote access needed?", []),
        ("Is VPNs a word?", []),
        ("年假有几天？", ["带薪休假有几天?"]),
        ("申请笔记本", ["申请手提电脑"]),
        ("使用VPN的方法", ["使用remote access的方法"]),
        ("手提电脑", []),
    ],
)
def test_terms_are_replaced_as_wholes(question, variants):
    after = stage()(asked(question), Call())
    assert list(after.query.variants) == variants
    assert after.query.text == question
    assert len(after.notes) == len(variants)


def test_what_is_over_the_limit_is_said():
    after = stage(groups=("a b, c d, e f, g h",), most=2)(asked("the a b"), Call())
    assert after.query.variants == ("the c d", "the e f")
    assert "1 more" in after.notes[-1].message


def test_earlier_variants_stay(tmp_path):
    turn = Turn(Query("Is VPN needed?", "en", variants=("first",)))
    assert stage()(turn, Call()).query.variants == ("first", "Is remote access needed?")


@pytest.mark.parametrize(
    "text", ["cafe, coffee house\n# nothing\n\n", "\ufeffcafe，coffee house  # a note"]
)
def test_groups_come_from_a_file_too(tmp_path, text):
    (tmp_path / "words.txt").write_text(text, encoding="utf-8")
    parts = Parts(*[None] * 5, file=lambda name: tmp_path / name)
    made = Synonyms(SynonymsSettings(file="words.txt", groups=("咖啡馆, 咖啡厅",)), parts)
    assert made(asked("a cafe"), Call()).query.variants == ("a coffee house",)
    assert made(asked("咖啡厅在哪"), Call()).query.variants == ("咖啡馆在哪",)


def test_the_longest_term_counts():
    found = Thesaurus({"new york": ("NYC",), "york": ("Eboracum",)})
    assert found.variants("to New York by rail") == ["to NYC by rail"]


@pytest.mark.parametrize("line", ["alone", "a =>", "=> b", "a => b => c", ",，"])
def test_a_line_that_says_nothing_is_refused_with_its_place(line):
    with pytest.raises(ConfigError, match="no group of synonyms") as raised:
        read_groups([(3, line)], where="words.txt")
    assert raised.value.where == "words.txt:3"


def test_settings_need_something_to_go_by():
    with pytest.raises(ConfigError, match="need a file or groups"):
        stage(groups=())
