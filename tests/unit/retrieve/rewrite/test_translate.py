import pytest

from surefoot.core.errors import TransientError
from surefoot.core.roles import Call
from surefoot.core.types import Query, Turn
from surefoot.retrieve.rewrite.translate import Translate, TranslateSettings
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.fakes import FakeChat

QUESTION = {
    "en": "What does the ferry to Wen island cost in 2024?",
    "zh": "2024年去文岛的渡轮多少钱？",
}
OTHER = {"en": "zh", "zh": "en"}


def translated(parts, lang, *replies, **settings):
    stage = Translate(TranslateSettings(model="m", **settings), parts(*replies))
    return stage(Turn(Query(QUESTION[lang], lang)), Call())


class TestTranslateContract(StageContract):
    @pytest.fixture
    def stage(self, parts, lang):
        return Translate(TranslateSettings(model="m"), parts(QUESTION[OTHER[lang]]))

    @pytest.fixture
    def turn(self, lang):
        return Turn(Query(QUESTION[lang], lang))


def test_the_question_is_asked_in_the_other_language_of_the_documents(parts, lang):
    after = translated(parts, lang, QUESTION[OTHER[lang]])
    assert after.query.variants == (QUESTION[OTHER[lang]],)
    note = f"also searched in {OTHER[lang]}: {QUESTION[OTHER[lang]]}"
    assert [one.message for one in after.notes] == [note]


def test_documents_in_the_language_of_the_question_cost_no_model(parts, lang):
    chat = FakeChat(["never"])
    assert not translated(parts, lang, chat, to=(lang,)).query.variants
    assert not translated(parts, lang, chat, least=0.6).query.variants
    assert not chat.asked


def test_the_prompt_is_that_of_the_language_it_translates_into(parts, lang):
    chat = FakeChat([QUESTION[OTHER[lang]]])
    translated(parts, lang, chat)
    system = chat.asked[0][0][0].content
    assert ("into English" in system) == (lang == "zh")


@pytest.mark.parametrize(
    ("lang", "reply", "reason"),
    [
        ("zh", "2024年去文岛的船票多少钱？", "not in en"),
        ("zh", "What does the 渡轮 cost in 2024?", "in part"),
        ("zh", "What did the ferry to Wen island cost in 2019?", "2019"),
        ("zh", "What does the ferry cost? " * 20, "too long"),
        ("en", "It costs 12 crowns.", "not in zh"),
        ("en", "2019年去文岛的船票多少钱？", "2019"),
        ("en", TransientError("busy"), "busy"),
    ],
)
def test_what_is_no_translation_is_not_searched(parts, lang, reply, reason):
    after = translated(parts, lang, reply)
    assert not after.query.variants
    assert f"not searched in {OTHER[lang]}: the model" in after.notes[0].message
    assert reason in after.notes[0].message


def test_what_is_translated_is_found(parts, index, encoder):
    given = parts("What does a ticket for the ferry to Wen island cost?")
    turn = Turn(Query("去文岛的渡轮多少钱？", "zh"))
    search = Search(SearchSettings(variants=2), given)
    widened = Translate(TranslateSettings(model="m"), given)(turn, Call())
    found = {hit.chunk.lang for hit in search(widened, Call()).hits[:2]}
    assert found == {"en", "zh"}
