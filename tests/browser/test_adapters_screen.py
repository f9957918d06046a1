"""Trained models in a browser: all of them, one with its losses and exports, tried beside its base, removed."""

import pytest
from serving import SOLUTION, make_space, running

from surefoot.config.catalog import load_catalog
from surefoot.config.settings import load_settings
from surefoot.core.errors import MissingError, TransientError
from surefoot.models.base import ModelEnv
from surefoot.models.chat import chat_file
from surefoot.optimize.train import jobs_root
from surefoot.run.adapters import adapters_root, find_adapter
from surefoot.testing.small_adapter import good_parity, make_adapter
from surefoot.tune.artefact import FOLDERS, Expense, Parity, Trained, read_card, write_card
from surefoot.tune.events import Event, add_event

BASE = load_catalog().default("chat")
OTHER = SOLUTION.replace(
    'kind = "quote"\nrefuse = { threshold = 0 }',
    f'kind = "answer"\nmodel = "{BASE}"\nadapter = "house"',
)
SHORT = f"""schema = 1
name = "short"
[[stages]]
kind = "answer"
model = "{BASE}"
plain = "answer/direct"
reply = "plain"
max_tokens = 8
"""
TOLD = {
    "base": BASE,
    "base_digest": "0" * 64,
    "rows_used": 240,
    "dev_loss": 1.1,
    "expense": Expense(steps=60),
    "settings": {"rank": 16, "alpha": 32, "epochs": 3, "learning_rate": 0.0002},
}


@pytest.fixture(scope="module")
def env():
    """Where the packaged chat model is."""
    pytest.importorskip("xllamacpp")
    found = ModelEnv(load_settings().settings.models, threads=1)
    try:
        chat_file(BASE, found)
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the packaged chat model cannot be had: {problem}")
    return found


def trained(root, name, *forms, good=True, **more) -> None:
    """A trained model as training and exports leave it."""
    folder = adapters_root(root) / name
    (folder / FOLDERS["peft"]).mkdir(parents=True)
    (folder / FOLDERS["peft"] / "adapter_model.safetensors").write_bytes(b"0" * 3_700_000)
    for number, form in enumerate(forms, 1):
        (folder / FOLDERS[form]).write_bytes(b"0" * 1_900_000 * number)
    parity = tuple(good_parity(form, 0.991 if good else 0.412) for form in forms)
    if not good:
        parity = tuple(Parity(**{**dict(one), "same": 0.2}) for one in parity)
    card = {**TOLD, "kind": "adapter", "method": "lora", **more}
    write_card(folder, Trained(name=name, parity=parity, **card))
    learnt(root, name)


def learnt(root, name) -> None:
    """What its training told: losses that fall, and turn up at the end on the rows kept back."""
    job = jobs_root(root) / name
    job.mkdir(parents=True)
    for step in range(2, 61, 2):
        kept_back = 1.1 + (step - 42) ** 2 / 1500 if step % 6 == 0 else None
        loss = 0.4 + 2.2 / (1 + step / 9) + (step % 7) / 40
        add_event(job, Event(step=step, steps=60, loss=loss, dev_loss=kept_back, seconds=step))


@pytest.fixture(scope="module")
def taught(tmp_path_factory, env):
    """A workspace with trained models of every state: good, not good, not exported, an encoder."""
    root = make_space(tmp_path_factory.mktemp("taught") / "desk", SOLUTION.replace("house", "desk"))
    make_adapter(root, "house", BASE, env)
    card = read_card(adapters_root(root) / "house")
    card = card.model_copy(update={**TOLD, "base_digest": card.base_digest})
    write_card(adapters_root(root) / "house", card)
    learnt(root, "house")
    trained(root, "legal", "gguf-adapter", "gguf", good=False)
    trained(root, "fresh")
    trained(root, "e5-desk", kind="encoder", method="embedder", base="multilingual-e5-small")
    (root / "solutions").mkdir()
    (root / "solutions" / "tuned.toml").write_text(
        OTHER.replace('"house"', '"tuned"', 1), encoding="utf-8"
    )
    (root / "solutions" / "short.toml").write_text(SHORT, encoding="utf-8")
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
    assert page.locator("tbody .badge").count() == 2
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
    assert page.locator("tbody tr").count() == 1


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
    root = make_space(tmp_path / "house", OTHER)
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


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_tried_beside_its_base(open_page, taught, accessible, lang) -> None:
    page = open_page(f"{taught.url}/ui/adapters/house", lang=lang)
    page.locator(".ask-both summary").click()
    page.fill("#most", "8")
    page.fill("#text", "Where is the harbour? <b>Say it.</b>")
    page.keyboard.press("Enter")
    page.locator("article[data-done]").nth(1).wait_for(timeout=120_000)
    replies = page.locator("article[data-done] .text").all_inner_texts()
    assert replies[0] != replies[1]
    assert "house" in page.locator("article[data-done] h4").first.inner_text()
    assert "<b>Say it.</b>" in page.locator(".said").inner_text()
    page.locator("#how summary").click()
    assert "/api/adapters/house/try" in page.locator("#how code").inner_text()
    accessible(page)


@pytest.mark.slow
def test_it_is_asked_beside_the_solution_that_it_is_in(open_page, taught, accessible) -> None:
    page = open_page(f"{taught.url}/ui/ask?model=short&beside=short%2Bhouse")
    assert page.locator("[name=beside] optgroup").nth(1).locator("option").all_inner_texts() == [
        "house",
        "short+house",
    ]
    page.fill("#question", "Where is the harbour?")
    page.keyboard.press("Enter")
    page.locator("article[data-done]").nth(1).wait_for(timeout=120_000)
    assert page.locator(".which").all_inner_texts() == ["short", "short+house"]
    first, second = page.locator("article[data-done] .text").all_inner_texts()
    assert first != second
    page.select_option("[name=model]", "short+house")
    page.select_option("[name=beside]", "")
    page.fill("#question", "Where is the harbour?")
    page.keyboard.press("Enter")
    page.locator(".exchange").nth(1).locator("article[data-done]").wait_for(timeout=120_000)
    page.locator("#how summary").click()
    assert "--solution short --adapter house" in page.locator("#how code").first.inner_text()
    accessible(page)


def test_adapters_are_added_up_with_weights(open_page, taught) -> None:
    page = open_page(f"{taught.url}/ui/adapters", quiet=False)
    page.locator("[name=weight]").first.fill("0.7")
    page.fill("[name=into]", "both")
    page.click("form[action$=merge] button")
    assert "two to twenty" in page.locator(".notice.bad").inner_text()
