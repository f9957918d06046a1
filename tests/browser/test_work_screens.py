"""Long work in a browser: a forecast, a measurement and a small search to their ends, a stop, all jobs."""

import json

import pytest
from serving import make_space, running

QUESTIONS = [
    ("When are refunds paid?", "within 30 days", "docs/refunds.md"),
    ("When does the shop open?", "at nine o'clock", "docs/opening.md"),
    ("退款什么时候支付？", "三十天内支付", "docs/退款.md"),
    ("When are salaries paid?", "on the 25th day", "staff/salaries.md"),
]


@pytest.fixture(scope="module")
def working(tmp_path_factory):
    """A workspace with a set of twelve questions."""
    root = make_space(tmp_path_factory.mktemp("work") / "house")
    (root / "evalsets").mkdir()
    cases = [
        {
            "id": f"q{round}-{number}",
            "question": question if round == 0 else f"{question} ({round})",
            "answers": [answer],
            "gold": [{"doc": document, "quote": answer}],
        }
        for round in range(3)
        for number, (question, answer, document) in enumerate(QUESTIONS)
    ]
    lines = "\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (root / "evalsets" / "first.jsonl").write_text(lines + "\n", encoding="utf-8")
    with running(root) as served:
        yield served


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_measurement_runs_to_its_end(open_page, working, accessible, picture, lang) -> None:
    page = open_page(f"{working.url}/ui/tune", lang=lang)
    accessible(page)
    picture(page, f"tune-{lang}-light")
    form = page.locator("#evaluate")
    form.locator("summary").click()
    form.locator("button[type=button]").click()
    form.locator(".foreseen pre").wait_for(timeout=60_000)
    form.locator("button.main").click()
    page.wait_for_selector("a[href^='/ui/evaluate/runs/']", timeout=120_000)
    accessible(page)
    page.locator("a[href^='/ui/evaluate/runs/']").click()
    assert page.locator("details.stage").count() >= 10


def test_a_small_search_runs_to_its_end_and_says_what_is_proven(
    open_page, working, accessible, picture
) -> None:
    page = open_page(f"{working.url}/ui/tune", theme="dark")
    form = page.locator("#optimize")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    form.locator("[name=minutes]").fill("0.2")
    form.locator("button.main").click()
    page.wait_for_selector(".verdict", timeout=240_000)
    assert "proven" in page.locator(".verdict").inner_text()
    accessible(page)
    picture(page, "job-en-dark")


def test_a_job_is_stopped_and_listed(open_page, working, accessible) -> None:
    page = open_page(f"{working.url}/ui/tune")
    form = page.locator("#optimize")
    form.locator("[name=minutes]").fill("30")
    form.locator("button.main").click()
    page.locator("form[action$=cancel] button").click()
    page.wait_for_selector("form[action$=resume], form[action$=delete]", timeout=60_000)
    page.goto(f"{working.url}/ui/jobs")
    assert page.locator("tbody tr").count() >= 1
    accessible(page)


def test_a_wrong_number_says_why(open_page, working) -> None:
    page = open_page(f"{working.url}/ui/tune", quiet=False)
    form = page.locator("#evalset-create")
    form.locator("summary").click()
    form.locator("[name=name]").fill("../../etc")
    form.locator("button.main").click()
    assert page.locator(".notice.bad").count() == 1


def test_it_fits_a_phone(open_page, working, accessible) -> None:
    for path in ("/ui/tune", "/ui/jobs"):
        accessible(open_page(f"{working.url}{path}", lang="zh", width=375))
