"""A question of a set is changed on its page, in both languages; searches have a list of their own."""

import json

import pytest
from serving import make_space, running

ROW = {
    "id": "a",
    "question": "When are refunds paid?",
    "answers": ["within 30 days"],
    "gold": [{"doc": "docs/refunds.md", "quote": "within 30 days"}],
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_question_is_edited(open_page, tmp_path, accessible, lang) -> None:
    root = make_space(tmp_path / "house")
    (root / "evalsets").mkdir()
    (root / "evalsets" / "first.jsonl").write_text(json.dumps(ROW), encoding="utf-8")
    with running(root) as served:
        page = open_page(f"{served.url}/ui/evaluate/sets/first", lang=lang)
        page.get_by_role("link", name={"en": "Change it", "zh": "修改"}[lang]).click()
        page.wait_for_selector("#doc-1")
        accessible(page)
        assert page.input_value("#quote-1") == "within 30 days"
        page.fill("#q-text", "When exactly are refunds paid?")
        page.locator("form.stack button.main").click()
        page.wait_for_selector("table")
        assert "When exactly are refunds paid?" in page.locator("table").inner_text()
        page.goto(f"{served.url}/ui/evaluate/experiments")
        accessible(page)
