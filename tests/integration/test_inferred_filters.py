"""From described files to filters read out of questions, over a real index, in English and Chinese."""

from __future__ import annotations

import pytest

import surefoot
from surefoot.core.roles import Call

SOLUTION = """schema = 1
name = "default"

[corpus]
sources = [{ kind = "folder", path = "docs" }]
embed = { kind = "hash" }
describe = [
  { kind = "path", pattern = '(?P<year>\\d{4})/(?P<quarter>Q[1-4])-(?P<ticker>[A-Z]+)' },
  { kind = "csv-map", path = "docs/companies.csv" },
  { kind = "sidecar" },
]
metadata = { year = "int", day = "date" }

[[stages]]
kind = "infer-filters"

[[stages]]
kind = "search"

[[stages]]
kind = "prefer-inferred"
"""
TEXT = {
    "en": "Net sales and gross margin of the quarter. {company} reports what changed and why.",
    "zh": "本季度的净销售额和毛利率。{company}说明了变化及其原因。",
}
COMPANIES = {"AAPL": ("Apple", "苹果"), "MSFT": ("Microsoft", "微软")}


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    root = tmp_path_factory.mktemp("house")
    docs = root / "docs"
    rows = ["pattern,company,公司"]
    day = 0
    for ticker, (english, chinese) in COMPANIES.items():
        rows.append(f"*{ticker}*,{english},{chinese}")
        for year, quarter in ((2022, "Q3"), (2023, "Q1"), (2023, "Q2")):
            for lang, company in (("en", english), ("zh", chinese)):
                day += 1
                file = docs / str(year) / f"{quarter}-{ticker}-{lang}.txt"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(TEXT[lang].format(company=company), encoding="utf-8")
                file.with_name(f"{file.name}.meta.json").write_text(
                    f'{{"day": "{year}-05-{day:02d}"}}', encoding="utf-8"
                )
    (docs / "companies.csv").write_text("\n".join(rows), encoding="utf-8")
    (root / ".surefoot").mkdir()
    (root / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    with surefoot.open(root) as opened:
        report = opened.sync()
        assert (report.added, report.problems) == (12, ())
        yield opened


def found(space, question):
    asked = space.run(space.query(question), Call())
    names = {hit.chunk.document_id.removeprefix("docs/") for hit in asked.turn.hits}
    return names, " | ".join(note.message for note in asked.turn.notes)


@pytest.mark.parametrize(
    "question, expected",
    [
        ("What were Apple's net sales in Q3 2022?", {"2022/Q3-AAPL-en.txt", "2022/Q3-AAPL-zh.txt"}),
        ("苹果2022年第三季度的净销售额", {"2022/Q3-AAPL-en.txt", "2022/Q3-AAPL-zh.txt"}),
        ("MSFT in its latest report, Chinese documents", {"2023/Q2-MSFT-zh.txt"}),
        ("英文资料里微软最新的财报", {"2023/Q2-MSFT-en.txt"}),
        (
            "compare Apple and MSFT in Q1 2023 in English documents",
            {"2023/Q1-AAPL-en.txt", "2023/Q1-MSFT-en.txt"},
        ),
    ],
)
def test_the_question_is_the_filter(space, question, expected):
    names, notes = found(space, question)
    assert names == expected, notes
    assert "only passages with" in notes


@pytest.mark.parametrize("question", ["Apple in 2031", "苹果2031年"])
def test_what_is_not_there_is_given_up(space, question):
    names, notes = found(space, question)
    assert names and all("AAPL" in name for name in names)
    assert "left out" in notes


def test_metadata_are_typed_and_listed(space):
    index = space.resources.index()
    assert {"year", "quarter", "ticker", "company", "公司", "day"} <= set(index.keys())
    assert [(one.value, one.documents) for one in index.values("year")] == [(2023, 8), (2022, 4)]
    assert index.values("day", limit=1)[0].value == "2022-05-01"
    assert space.sync().unchanged == 12
