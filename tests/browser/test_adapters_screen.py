"""Trained models in a browser: all of them, one with its losses and exports, tried beside its base, removed."""

import pytest
from serving import SOLUTION, make_space, running

from surefoot.optimize.train import jobs_root
from surefoot.run.adapters import adapters_root, find_adapter
from surefoot.tune.artefact import FOLDERS, Expense, Parity, Trained, write_card
from surefoot.tune.events import Event, add_event

MARKUP = "<img src=x onerror=alert(1)>"
BASE = "smollm2-135m"


def trained(root, name, *forms, good=True, **more) -> None:
    """A trained model as training and exports leave it, with losses that fall and turn up at the end."""
    folder = adapters_root(root) / name
    folder.mkdir(parents=True)
    for number, form in enumerate(("peft", *forms)):
        place = folder / FOLDERS[form]
        if form == "peft":
            place.mkdir()
            place /= "adapter_model.safetensors"
        place.write_bytes(b"0" * 300_000 * (number + 1))
    checks = [
        Parity(
            form=form,
            engine="llama.cpp",
            prompts=50,
            agreement=0.991 if good else 0.412,
            same=0.98 if good else 0.2,
            tolerance=0.9,
            good=good,
        )
        for form in forms
    ]
    card = Trained(
        name=name,
        base=BASE,
        base_digest="0" * 64,
        parity=tuple(checks),
        rows_used=240,
        dev_loss=1.125,
        expense=Expense(steps=60),
        settings={"rank": 16, "alpha": 32, "epochs": 3, "learning_rate": 0.0002},
        **{"kind": "adapter", "method": "lora", **more},
    )
    write_card(folder, card)
    job = jobs_root(root) / name
    job.mkdir(parents=True)
    for step in range(2, 61, 2):
        kept_back = 1.1 + (step - 42) ** 2 / 1500 if step % 6 == 0 else None
        loss = 0.4 + 2.2 / (1 + step / 9) + (step % 7) / 40
        add_event(job, Event(step=step, steps=60, loss=loss, dev_loss=kept_back, seconds=step))


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A workspace with trained models of every state: good, not good, not exported, an encoder."""
    root = make_space(tmp_path_factory.mktemp("taught") / "house")
    trained(root, "house", "gguf-adapter")
    trained(root, "legal", "gguf-adapter", "gguf", good=False)
    trained(root, "fresh")
    trained(root, "e5-house", kind="encoder", method="embedder")
    (root / "solutions").mkdir()
    named = SOLUTION.replace('"house"', '"tuned"').replace(
        'kind = "quote"\nrefuse = { threshold = 0 }',
        f'kind = "answer"\nmodel = "{BASE}"\nadapter = "house"',
    )
    (root / "solutions" / "tuned.toml").write_text(named, encoding="utf-8")
    with running(root) as served:
        yield served


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_of_them_say_whether_they_answer_as_trained(
    open_page, taught, accessible, picture, lang, theme
) -> None:
    page = open_page(f"{taught.url}/ui/adapters", lang=lang, theme=theme)
    row = page.locator("tbody tr", has_text="solutions/tuned.toml")
    assert "49" in row.inner_text()
    assert "50" in row.inner_text()
    assert page.locator("tbody tr").count() == 4
    assert page.locator("tbody .bad").count() == 2
    accessible(page)
    picture(page, f"adapters-{lang}-{theme}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_shows_its_losses_and_its_exports(open_page, taught, accessible, picture, lang) -> None:
    page = open_page(f"{taught.url}/ui/adapters/house", lang=lang)
    assert page.locator("svg .learnt").count() == 1
    assert page.locator("svg .dot").count() == 10
    assert "42" in page.locator("figcaption").inner_text()
    accessible(page)
    picture(page, f"adapter-{lang}-light")
    assert page.locator("tbody tr").count() == 2


def test_nothing_trained_yet_says_what_training_is_for(
    open_page, handbook, accessible, picture
) -> None:
    page = open_page(f"{handbook.url}/ui/adapters")
    assert "surefoot tune lora" in page.locator(".empty code").inner_text()
    accessible(page)
    picture(page, "adapters-none-en-light")
    page.click(".empty a.main")
    assert page.locator("#tune").get_attribute("open") is not None


def test_what_a_solution_names_stays_until_it_is_wanted_all_the_same(
    open_page, tmp_path, accessible
) -> None:
    root = make_space(
        tmp_path / "house",
        SOLUTION.replace(
            '"quote"\nrefuse = { threshold = 0 }', f'"answer"\nmodel = "{BASE}"\nadapter = "house"'
        ),
    )
    trained(root, "house", "gguf-adapter")
    with running(root) as served:
        page = open_page(f"{served.url}/ui/adapters/house", quiet=False)
        page.click("summary.bad")
        page.click("button.bad")
        assert "surefoot.toml" in page.locator(".notice.bad").inner_text()
        accessible(page)
        assert find_adapter(root, "house").is_dir()
        page.check("[name=forced]")
        page.click("button.bad")
        page.wait_for_selector(".empty")
        assert not (adapters_root(root) / "house").exists()


def test_trained_models_fit_a_phone(open_page, taught, accessible, picture) -> None:
    for path in ("", "/house", "/legal"):
        page = open_page(f"{taught.url}/ui/adapters{path}", lang="zh", width=375)
        accessible(page)
        if path == "/house":
            picture(page, "adapter-zh-phone")
