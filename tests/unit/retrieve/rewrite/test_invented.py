import pytest

from surefoot.retrieve.rewrite.invented import invented


@pytest.mark.parametrize(
    ("text", "said", "added"),
    [
        ("Who designed the Alder bridge?", ["When did the Alder bridge open?"], []),
        ("Who designed the Firth bridge?", ["When did the Alder bridge open?"], ["Firth"]),
        ("What did it cost in 1,200 crowns?", ["It cost 1200 crowns."], []),
        ("What happened in 1922?", ["It was opened in 1921."], ["1922"]),
        ("Number of people in Warsaw", ["How many people lived in Warsaw?"], []),
        ("What is the life of Lena Holm?", ["Who built the harbour?"], ["Lena Holm"]),
        ("桦林港有几台起重机？", ["桦林港是谁建成的？", "工程师林海。"], []),
        ("李明月还写过什么？", ["《绿灯笼》是谁写的？"], ["李明月"]),
        ("2023年的票价是多少？", ["２０２３年呢？", "票价是多少？"], []),
        ("三十五台起重机在哪里？", ["三台起重机在哪里？"], ["三十五"]),
    ],
)
def test_names_and_numbers_that_nobody_said_are_told(text, said, added):
    found = invented(text, said)
    assert bool(found) == bool(added)
    if text.isascii():
        assert found == added
