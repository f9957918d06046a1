from __future__ import annotations

import pytest

from surefoot.config.prompts import Prompt, Prompts
from surefoot.core.errors import ConfigError, MissingError


@pytest.fixture
def prompts(tmp_path):
    folder = tmp_path / "answer" / "short"
    folder.mkdir(parents=True)
    (folder / "en.md").write_text("Answer {{question}} from {{ passages }}.\n", encoding="utf-8")
    (folder / "zh.md").write_text("根据{{passages}}回答：{{question}}\n", encoding="utf-8")
    return Prompts((tmp_path,))


def test_a_prompt_is_filled_in_its_language(prompts):
    filled = prompts.get("answer/short", "zh").fill({"question": "为何？", "passages": "甲"})
    assert filled == "根据甲回答：为何？"
    assert prompts.get("answer/short", "other").lang == "en"


def test_braces_in_a_value_stay_text(prompts):
    values = {"question": "{{passages}}", "passages": "secret"}
    assert prompts.get("answer/short", "en").fill(values) == "Answer {{passages}} from secret."


def test_gaps_and_unused_values_are_errors():
    prompt = Prompt("p", "en", "{{question}}")
    with pytest.raises(ConfigError, match=r"without a value: \['question'\]"):
        prompt.fill({})
    with pytest.raises(ConfigError, match=r"without a placeholder: \['extra'\]"):
        prompt.fill({"question": "q", "extra": "x"})


def test_names_do_not_leave_the_folder(prompts):
    with pytest.raises(ConfigError, match="not a prompt name"):
        prompts.get("../secret", "en")
    with pytest.raises(MissingError, match="answer/long"):
        prompts.get("answer/long", "en")


def test_the_digest_follows_every_language(prompts, tmp_path):
    before = prompts.digest("answer/short")
    (tmp_path / "answer" / "short" / "zh.md").write_text("改", encoding="utf-8")
    assert prompts.digest("answer/short") != before
