"""Question sets, review, runs, comparison and promotion in a browser."""

import json

import pytest
from serving import make_space, running

from surefoot.cli.main import run

CASES = [
    {
        "id": f"q{number}",
        "question": question,
        "answers": [answer],
        "gold": [{"doc": document, "quote": answer}],
        "source": source,
    }
    for number, (question, answer, document, source) in enumerate(
        [
            ("When are refunds paid?", "within 30 days", "docs/refunds.md", "human"),
            ("When does the shop open?", "at nine o'clock", "docs/opening.md", "human"),
            ("退款什么时候支付？", "三十天内支付", "docs/退款.md", "human"),
            ("When are salaries paid?", "on the 25th day", "staff/salaries.md", "generated"),
            ("What day does the shop open?", "on Mondays", "docs/opening.md", "generated"),
        ]
    )
]


@pytest.fixture(scope="module")
def proven(tmp_path_factory):
    """A workspace with a set of five questions, two solutions and a run of each."""
    root = make_space(tmp_path_factory.mktemp("proof") / "house")
    (root / "evalsets").mkdir()
    lines = "\n".join(json.dumps(case, ensure_ascii=False) for case in CASES)
    (root / "evalsets" / "first.jsonl").write_text(lines + "\n", encoding="utf-8")
    other = (root / "surefoot.toml").read_text(encoding="utf-8").replace('"house"', '"short"')
    (root / "solutions").mkdir()
    (root / "solutions" / "short.toml").write_text(other + "sentences = 1\n", encoding="utf-8")
    for solution in ("surefoot.toml", "solutions/short.toml"):
        where = ["--workspace", str(root), "--solution", str(root / solution), "--quiet"]
        assert run(["evaluate", "first", *where]) == 0
    with running(root) as served:
        yield served


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_frontier_and_two_runs_beside_each_other(
    open_page, proven, accessible, lang, theme
) -> None:
    page = open_page(f"{proven.url}/ui/evaluate", lang=lang, theme=theme)
    assert page.locator("svg.frontier .dot").count() == 2
    accessible(page)
    for box in page.locator("[data-run]").all()[:2]:
        box.check()
    page.click("form[data-pair] button.main")
    page.wait_for_selector(".verdict")
    assert page.locator("svg.interval").count() >= 1
    accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_run_shows_its_questions_the_failing_first(open_page, proven, accessible, lang) -> None:
    page = open_page(f"{proven.url}/ui/evaluate/runs/last", lang=lang)
    assert page.locator("details.stage").count() == len(CASES)
    accessible(page)
    page.select_option("[name=show]", "refused")
    page.click("form.toolbar button")
    accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_run_opens_as_a_report_to_print(open_page, proven, lang) -> None:
    page = open_page(f"{proven.url}/ui/evaluate/runs/last", lang=lang)
    with page.context.expect_page() as opened:
        page.click("a[href^='/api/reports/run/']")
    report = opened.value
    report.wait_for_load_state()
    assert report.locator("html").get_attribute("lang") == ("zh-Hans" if lang == "zh" else "en")
    assert report.locator("h2").count() >= 2


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_questions_are_reviewed_one_by_one(open_page, tmp_path, accessible, lang) -> None:
    root = make_space(tmp_path / "house")
    (root / "evalsets").mkdir()
    lines = "\n".join(json.dumps(case, ensure_ascii=False) for case in CASES)
    (root / "evalsets" / "first.jsonl").write_text(lines + "\n", encoding="utf-8")
    with running(root) as served:
        page = open_page(f"{served.url}/ui/evaluate/sets/first", lang=lang)
        accessible(page)
        page.locator(".toolbar a.main").click()
        assert "25th" in page.locator("#waiting mark").inner_text()
        accessible(page)
        page.click("button[value=keep]")
        page.wait_for_selector("#waiting mark:text('Mondays')")
        page.click("button[value=drop]")
        page.wait_for_selector("#waiting .notice.good")
        page.goto(f"{served.url}/ui/evaluate/sets/first")
        assert page.locator("tbody tr").count() == len(CASES) - 1
        page.fill("#q-text", "<b>Is it open on Sundays?</b>")
        page.click("form.narrow button.main")
        assert "<b>Is it open on Sundays?</b>" in page.locator("tbody").inner_text()
        page.locator("tbody form button").first.click()
        page.wait_for_load_state()
        assert page.locator("tbody tr").count() == len(CASES) - 1


def test_a_table_is_imported(open_page, proven, tmp_path, accessible) -> None:
    table = tmp_path / "questions.csv"
    table.write_text("question,answer\nWhen are refunds paid?,within 30 days\n,\n", "utf-8")
    page = open_page(f"{proven.url}/ui/evaluate")
    page.locator("details summary", has_text="Import").click()
    page.set_input_files("#file", table)
    page.fill("#set-name", "imported")
    page.locator("form[enctype] button").click()
    assert "1 question is" in page.locator(".notice").first.inner_text()
    accessible(page)


def test_a_solution_is_put_into_force(open_page, proven, accessible) -> None:
    page = open_page(f"{proven.url}/ui/evaluate")
    row = page.locator("tr", has=page.get_by_text("short", exact=True)).first
    row.locator("form button").click()
    assert "short" in page.locator(".notice").inner_text()
    accessible(page)
    in_force = (proven.tenant.root / "surefoot.toml").read_text(encoding="utf-8")
    assert "sentences = 1" in in_force


def test_proof_fits_a_phone(open_page, proven, accessible) -> None:
    for path in ("", "/runs/last", "/sets/first"):
        accessible(open_page(f"{proven.url}/ui/evaluate{path}", lang="zh", width=375))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_former_solution_is_put_back(open_page, tmp_path, accessible, picture, lang) -> None:
    root = make_space(tmp_path / "house")
    own = (root / "surefoot.toml").read_text(encoding="utf-8")
    (root / "solutions").mkdir()
    (root / "solutions" / "short.toml").write_text(
        own.replace('"house"', '"short"') + "sentences = 1\n", encoding="utf-8"
    )
    with running(root) as served:
        page = open_page(f"{served.url}/ui/evaluate", lang=lang)
        assert page.locator("form[action*='/history/']").count() == 0
        assert run(["promote", "short", "--workspace", str(root), "--quiet"]) == 0
        page.reload()
        page.locator("td details summary").click()
        page.wait_for_selector(".differs code:text-is('stages.1.sentences')")
        accessible(page)
        picture(page, f"history-{lang}-light")
        page.locator("form[action*='/history/'] button").click()
        page.wait_for_selector(".notice.good")
        accessible(page)
        assert (root / "surefoot.toml").read_text(encoding="utf-8") == own
        page.goto(f"{served.url}/ui/evaluate")
        assert page.locator("form[action*='/history/']").count() == 2
