"""What ends a job and what a setting may not be: made by the code, told in Chinese."""

import re
import tomllib

import pytest

from surefoot.config.registry import Registry
from surefoot.config.said import told
from surefoot.config.solution import parse_solution
from surefoot.core.errors import ConfigError
from surefoot.run.jobs.ending import ended


def _english(line: str) -> set[str]:
    assert told("en", line) == line
    return set(re.findall(r"[A-Za-z]{2,}", told("zh", line)))


@pytest.mark.parametrize("code", [-9, 3])
def test_how_a_job_ended(code: int) -> None:
    _, words = ended(code, None, "", None)
    assert _english(words) == set()


@pytest.mark.parametrize("wrong", ["keep = -1", "keeps = 3"])
def test_settings_that_are_wrong(wrong: str) -> None:
    raw = tomllib.loads(f'schema = 1\n[[stages]]\nkind = "search"\n{wrong}\n')
    with pytest.raises(ConfigError) as problem:
        parse_solution(raw, Registry(), where="a.toml")
    assert _english(problem.value.message) == {"stages", wrong.split(" ", maxsplit=1)[0]}
