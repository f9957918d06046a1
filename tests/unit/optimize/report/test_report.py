import json
import re
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path

import pytest

from surefoot.core.types import Score
from surefoot.optimize.report import report_html, report_markdown
from surefoot.optimize.report.plot import frontier_plot, interval_bar

_spec = spec_from_file_location("report_pages", Path(__file__).parent / "pages.py")
pages = module_from_spec(_spec)
_spec.loader.exec_module(pages)

# Words whose key is put together from a name: role_chosen, run_better.
_FAMILIES = ("role_", "verdict_", "standing_", "figure_", "run_", "by_", "ms_axis", "usd_axis")
DATA = resources.files("surefoot.optimize.report") / "data"


@pytest.fixture(params=["en", "zh"])
def lang(request) -> str:
    return request.param


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data) -> None:
        self.text.append(data)


def read(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    return parser


def test_the_page_shows_every_part_in_its_language(lang) -> None:
    html = report_html(pages.page(lang))
    words = tomllib.loads((DATA / "words.toml").read_text(encoding="utf-8"))
    for part in ("frontier", "solutions", "effects", "slices", "failing", "lost", "won", "facts"):
        assert words[part][lang] in html
    for text in (
        pages.VERDICT[lang],
        "surefoot optimize staff --seed 0",
        "surefoot trace show 4f2a",
    ):
        assert text in html
    assert f'lang="{"zh-Hans" if lang == "zh" else "en"}"' in html


def test_questions_and_answers_stay_text(lang) -> None:
    found = read(report_html(pages.page(lang)))
    assert not [tag for tag, _ in found.tags if tag in ("img", "script")]
    assert pages.EVIL in "".join(found.text)
    assert not [attrs for _, attrs in found.tags if any(name.startswith("on") for name in attrs)]
    assert "<img" not in report_markdown(pages.page(lang))


def test_nothing_is_asked_of_the_network(lang) -> None:
    html = report_html(pages.page(lang))
    links = [
        attrs[name]
        for _, attrs in read(html).tags
        for name in ("src", "href", "srcset")
        if name in attrs
    ]
    assert links == []
    assert not re.search(r"url\(|@import|https?://", html)


def test_every_word_has_both_languages_and_is_used() -> None:
    words = tomllib.loads((DATA / "words.toml").read_text(encoding="utf-8"))
    template = (DATA / "report.html").read_text(encoding="utf-8")
    render = (Path(__file__).parents[4] / "src/surefoot/optimize/report").glob("*.py")
    source = template + "".join(file.read_text(encoding="utf-8") for file in render)
    for key, both in words.items():
        assert set(both) == {"en", "zh"}
        named = rf"w\.{key}\b|w\[.{key}.\]|\"{key}\""
        assert key.startswith(_FAMILIES) or re.search(named, source), f"{key} is not used"
    assert not re.search("[\u4e00-\u9fff]", "".join(both["en"] for both in words.values()))


def test_a_bare_run_has_no_empty_parts(lang) -> None:
    bare = replace(
        pages.page(lang), solutions=(), effects=(), slices=(), failing=(), lost=(), won=(), commands=(),
        solution_file="", left_out=(),
    )  # fmt: skip
    found = read(report_html(bare))
    assert [tag for tag, _ in found.tags].count("section") == 3  # figures, failing, facts


def test_markdown_has_the_same_numbers(lang) -> None:
    text = report_markdown(pages.page(lang))
    assert "| hybrid + sentences |" in text
    assert "+0.030 | +0.018 – +0.042" in text
    assert json.loads(json.dumps(pages.page(lang).to_json()))["metric"] == "ndcg@10"


def test_the_plot_joins_what_nothing_beats_in_both() -> None:
    plot = frontier_plot(pages.page("en").solutions)
    assert plot is not None
    joined = {tuple(map(float, point.split(","))) for point in plot.line.split()}
    dots = {dot.title.split(":")[0]: (dot.x, dot.y) for dot in plot.dots}
    assert joined == {dots[name] for name in ("keyword", "vector", "hybrid", "hybrid + sentences")}
    assert plot.unit == "ms"
    assert all(plot.left <= dot.x <= plot.right for dot in plot.dots)
    assert all(plot.top <= dot.high_y <= dot.y <= dot.low_y <= plot.bottom for dot in plot.dots)


def test_labels_do_not_lie_on_each_other() -> None:
    near = [
        replace(one, quality=pages.score("m", 0.8 + place / 1000), latency_ms=30)
        for place, one in enumerate(pages.page("en").solutions[:4])
    ]
    plot = frontier_plot(near)
    assert plot is not None
    heights = sorted(dot.label_y for dot in plot.dots if dot.label)
    assert all(later - earlier >= 15 for earlier, later in pairwise(heights))


def test_money_is_the_cost_where_there_is_any() -> None:
    paid = [replace(one, usd=0.4) for one in pages.page("en").solutions]
    plot = frontier_plot(paid)
    assert plot is not None
    assert plot.unit == "usd"
    assert all(tick.text.startswith("$") for tick in plot.x_ticks)
    assert frontier_plot(paid[:1]) is None


def test_costs_that_lie_near_each_other_have_an_axis_and_the_dearer_of_equals_no_line() -> None:
    def one(name, latency):
        return replace(
            pages.page("en").solutions[0], label=name, role="frontier", latency_ms=latency
        )

    plot = frontier_plot([one("short", 28.9), one("long", 36.4)])
    assert [tick.text for tick in plot.x_ticks][:3] == ["29", "30", "31"]
    assert plot.line == ""


def test_an_interval_bar_shows_zero_only_for_differences() -> None:
    score = Score("d", 0.02, 0.01, 0.03, 50)
    bar = interval_bar(score, [score], zero=True)
    assert bar is not None
    assert bar.zero is not None
    assert bar.zero < bar.low < bar.value < bar.high
    plain = interval_bar(score, [score])
    assert plain is not None
    assert plain.zero is None
    assert interval_bar(Score("d", 0.0, 0.0, 0.0, 0), [score]) is None
