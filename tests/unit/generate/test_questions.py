import pytest

from surefoot.generate.questions import offered, wanted


@pytest.mark.parametrize(
    ("question", "want"),
    [
        ("How many points did the team score?", "number"),
        ("What percentage of the land is forest?", "number"),
        ("In what year did the bridge open?", "date"),
        ("When was she born?", "date"),
        ("Who built the bridge?", "name"),
        ("Where does the river end?", "place"),
        ("Which city hosts the fair?", "place"),
        ("Why did the mill close?", "reason"),
        ("球队得了多少分？", "number"),
        ("森林占土地的比例是多少？", "number"),
        ("大桥是哪一年开通的？", "date"),
        ("她是什么时候出生的？", "date"),
        ("大桥是谁建造的？", "name"),
        ("这条河流到哪里？", "place"),
        ("磨坊为什么关闭？", "reason"),
    ],
)
def test_question_words_say_what_is_asked_for(question, want):
    assert want in wanted(question)


@pytest.mark.parametrize("question", ["Describe the mill.", "磨坊是做什么用的？"])
def test_other_questions_ask_for_nothing_in_particular(question):
    assert wanted(question) == frozenset()


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("How many points in 1998?", "They scored 308 points.", "They scored points in 1998."),
        ("When did it open?", "It opened on 5 May 1990.", "It opened with a feast."),
        ("Who built the Long Bridge?", "It was built by Lena Holm.", "The Long Bridge was built."),
        ("Where does it end?", "It ends near Oslo.", "It ends suddenly."),
        ("Why did it close?", "It closed because of fire.", "It closed on Monday."),
        ("1998年得了多少分？", "他们得了308分。", "他们在1998年得了分。"),
        ("什么时候开通？", "大桥于1990年5月5日开通。", "大桥在庆典上开通。"),
        ("谁建造了大桥？", "它由莱娜·霍姆建造。", "它很快就建好了。"),
        ("它流到哪里？", "它流到青海湖。", "它忽然断流。"),
        ("为什么关闭？", "由于火灾而关闭。", "星期一关闭。"),
    ],
)
def test_a_sentence_offers_what_the_question_does_not_say_itself(question, yes, no):
    wants = wanted(question)
    assert offered(yes, question, wants)
    assert not offered(no, question, wants)
