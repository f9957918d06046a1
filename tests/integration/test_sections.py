"""The headings above and within a passage are metadata of the passage, by which it is filtered."""

from __future__ import annotations

import pytest

import surefoot
from surefoot.core.filters import Comparison

MANUAL = {
    "en": (
        "# Pump\n\n## Setup\n\n{0}\n\n### Tools\n\n{0}\n\n## Care\n\n{0}\n",
        "Turn the valve twice and wait for the light before you go on with the next step of the list.",
        ("Setup", "Care", "Tools"),
    ),
    "zh": (
        "# 水泵\n\n## 安装\n\n{0}\n\n### 工具\n\n{0}\n\n## 保养\n\n{0}\n",
        "把阀门转动两圈，然后等待指示灯亮起来，再继续下一步。",
        ("安装", "保养", "工具"),
    ),
}


def opened(root, facts, lang):
    overrides = {
        "corpus.embed": {"kind": "hash"},
        "corpus.chunk": {"kind": "structure", "max_tokens": 48, "pack_tokens": 0},
        "corpus.describe": [{"kind": "extracted", "facts": facts}],
    }
    docs = root / "docs"
    docs.mkdir()
    text, sentence, _ = MANUAL[lang]
    (docs / "manual.md").write_text(text.format(sentence * 2), encoding="utf-8")
    space = surefoot.open(root / "work", overrides=overrides)
    space.add(docs)
    return space


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_search_keeps_to_a_section_and_what_is_below_it(tmp_path, lang):
    _, question, (setup, care, tools) = MANUAL[lang]
    with opened(tmp_path, ["section"], lang) as space:
        known = {value.value for value in space.resources.index().values("section")}
        assert {setup, care, tools} <= known

        def sections(name):
            within = Comparison("eq", "section", name)
            return [hit.chunk.meta["section"] for hit in space.search(question, filter=within)]

        assert len(space.search(question)) > len(sections(setup)) >= 2
        assert all(setup in found for found in sections(setup))
        assert sections(tools) == [found for found in sections(setup) if tools in found]
        assert sections(care) and not any(setup in found for found in sections(care))


def test_sections_are_kept_where_they_are_asked_for(tmp_path):
    with opened(tmp_path, ["file_type"], "en") as space:
        found = space.resources.index().keys()
    assert found == ["file_type", "language"]
