"""A corpus of a single page answers what the page says, and refuses what it does not."""

import pytest

import surefoot

PAGES = {
    "en": (
        "The harbour office opens at nine in the morning from Monday to Thursday. On Fridays it opens at ten. "
        "Parcels wait at the counter for fourteen days. Lost keys are kept by the caretaker in the basement.\n",
        [
            ("At what time does the harbour office open on Fridays?", "ten"),
            ("Where do I ask for a key that I lost?", "caretaker"),
            ("On which day does the office open late?", "Fridays"),
        ],
        ["How much does a ticket to the museum cost?", "Which bus drives to the airport at night?"],
    ),
    "zh": (
        "港务办公室星期一至星期四早上九点开门，星期五十点开门。包裹在柜台保存十四天。捡到的钥匙由地下室的管理员保管。\n",
        [
            ("港务办公室星期五几点开门？", "十点"),
            ("寄来的包裹在柜台能保存多久？", "十四天"),
            ("我的钥匙丢了找谁？", "管理员"),
        ],
        ["博物馆的门票多少钱一张？", "夜里去机场坐哪路公共汽车？"],
    ),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_page_answers_what_it_says_and_refuses_the_rest(lang, tmp_path):
    page, answered, refused = PAGES[lang]
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(page, encoding="utf-8")
    with surefoot.open(tmp_path / "space") as space:
        space.add(tmp_path / "docs")
        for question, holds in answered:
            answer = space.ask(question)
            assert not answer.refused, question
            assert holds in answer.text
        assert all(space.ask(question).refused for question in refused)
