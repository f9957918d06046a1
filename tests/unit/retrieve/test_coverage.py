import pytest

from surefoot.core.lang import terms
from surefoot.retrieve.coverage import coverages, sight


def corpus(*texts):
    held = [set(terms(text)) for text in texts]
    return lambda wanted: ([sum(term in text for text in held) for term in wanted], len(held))


ENGLISH = corpus("reset your password on the account page", "holidays are asked for ahead")
CHINESE = corpus("在账户页面重置密码", "请提前两周申请休假")


@pytest.mark.parametrize(
    "question, documents, low, high",
    [
        ("How do I reset my password?", ENGLISH, 1, 1),
        ("How do I reset my password?", CHINESE, 0, 0),
        ("如何重置密码？", CHINESE, 0.2, 0.8),
        ("如何重置密码？", ENGLISH, 0, 0),
        ("password of the zeppelin", ENGLISH, 0.2, 0.5),
    ],
)
def test_how_much_of_a_question_the_documents_know(question, documents, low, high):
    assert low <= coverages([question], documents)[0] <= high


def test_rare_terms_weigh_more():
    common = corpus("the cat", "a cat", "my cat and a dog")
    cat, dog = coverages(["cat unicorn", "dog unicorn"], common)
    assert cat < dog


def test_nothing_to_go_by_counts_as_known():
    assert coverages(["？！", "the"], ENGLISH) == [1.0, 1.0]
    assert coverages(["password"], corpus()) == [1.0]
    assert coverages([], ENGLISH) == []


def test_below_what_is_wanted_a_side_counts_in_proportion():
    assert [sight(share, 0.4) for share in (0, 0.1, 0.4, 1)] == [0, 0.25, 1, 1]
