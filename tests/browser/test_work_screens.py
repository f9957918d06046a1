"""Long work in a browser: a forecast, a measurement and a small search to their ends, a stop, all jobs."""

import json
import time

import pytest
from serving import make_space, running

from surefoot.run.jobs.folder import JobFolder
from surefoot.run.places import INNER
from surefoot.store.jobs import Job, JobBook

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
def test_a_measurement_runs_to_its_end(open_page, working, accessible, lang) -> None:
    page = open_page(f"{working.url}/ui/tune", lang=lang)
    accessible(page)
    form = page.locator("#evaluate")
    form.locator("summary").click()
    form.locator("button[type=button]").click()
    form.locator(".foreseen table").wait_for(timeout=60_000)
    form.locator("button.main").click()
    page.wait_for_selector("a[href^='/ui/evaluate/runs/']", timeout=120_000)
    accessible(page)
    page.locator("a[href^='/ui/evaluate/runs/']").click()
    assert page.locator("details.stage").count() >= 10


def test_a_small_search_runs_to_its_end_and_says_what_is_proven(
    open_page, working, accessible
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


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_examples_are_uploaded_and_chosen(open_page, working, accessible, tmp_path, lang) -> None:
    rows = tmp_path / f"示例-{lang}.jsonl"
    rows.write_text('{"instruction": "Say it.", "input": "a", "output": "b"}\n', encoding="utf-8")
    page = open_page(f"{working.url}/ui/tune?kind=tune", lang=lang)
    page.set_input_files("#tune [type=file]", rows)
    page.locator("#tune form[enctype] button").click()
    page.wait_for_selector("#tune [name=training_file]")
    chosen = page.locator("#tune [name=training_file] option:checked")
    assert chosen.inner_text().startswith(rows.name)
    assert (chosen.get_attribute("value") or "").startswith("file-")
    accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_training_shows_its_losses_and_can_be_gone_on_with(
    open_page, working, accessible, picture, lang
) -> None:
    job = stopped_training(working.tenant)
    page = open_page(f"{working.url}/ui/jobs/{job}", lang=lang)
    assert page.locator("svg .learnt").count() == 1
    assert page.locator("svg .dot").count() == 3
    assert "about 3.1 minutes" in page.locator("#state li").first.inner_text()
    assert page.locator("form[action$=resume]").count() == 1
    accessible(page)
    picture(page, f"training-{lang}-light")


def stopped_training(tenant) -> str:
    """A training that somebody stopped at half of its steps, as its job keeps it."""
    folder = JobFolder(tenant.jobs.new_folder())
    job = Job(
        folder.folder.name,
        "tune",
        ("tune", "lora", "--rows", "rows.jsonl", "--name", "house"),
        time.time_ns(),
        state="cancelled",
        asked={"name": "house"},
        started_ns=time.time_ns(),
        ended_ns=time.time_ns(),
    )
    folder.add(json.dumps({"note": "60 steps, 48,000 tokens: about 3.1 minutes, and 900 MiB"}))
    for step in range(1, 31):
        told = {"title": "house", "done": step, "total": 60, "detail": "", "seconds_left": 60.0}
        told |= {"loss": 2.4 / (1 + step / 8), "dev_loss": None if step % 10 else 1.9 - step / 40}
        folder.add(json.dumps({"progress": told}))
    book = JobBook.at(tenant.root / INNER)
    book.put(job)
    book.close()
    return job.id
