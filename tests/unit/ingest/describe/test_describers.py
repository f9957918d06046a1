"""Metadata come from front matter, sidecars, tables, paths and heads of texts, in English and Chinese."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, DataError
from surefoot.core.roles import SourceItem
from surefoot.core.types import Document
from surefoot.ingest.describe import Descriptions
from surefoot.testing.contracts_describer import DescriberContract


def made(kind, base, **settings):
    part = Registry().part_class("describer", kind)
    raw = {"kind": kind, **settings}
    return part(parse(part.Settings, raw, Registry(), where="test"), base)


def item_of(base, inner, text="text"):
    path = base / inner
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return SourceItem(f"docs/{inner}", inner, "docs", "1-2", path=path)


def document_of(item, text="text", **values):
    return Document(item.id, item.uri, "digest", text, meta={"pages": 3}, **values)


SIDECAR = '{"company": "Apple", "年份": 2023, "tags": ["a", "b"], "nested": {"x": 1}}'
FRONT = "---\ntitle: A\nday: 2023-05-01\n标签: [财报, 季度]\n---\n# Head\ntext\n"


class TestFrontMatter(DescriberContract):
    @pytest.fixture
    def item(self, tmp_path):
        return item_of(tmp_path, "a.txt", FRONT)

    @pytest.fixture
    def document(self, item):
        return document_of(item, FRONT, pages=(0, len(FRONT) - 5))

    @pytest.fixture
    def describer(self, tmp_path):
        return made("frontmatter", tmp_path)

    def test_positions_are_those_of_the_text_that_is_left(self, describer, item, document):
        after = describer.describe(item, document)
        assert after.text == "# Head\ntext\n"
        assert after.pages == (0, len(after.text) - 5)
        assert after.title == "A"
        assert after.meta == {"pages": 3, "day": "2023-05-01", "标签": ("财报", "季度")}

    def test_toml_and_chosen_keys(self, tmp_path, item, document):
        text = '+++\nyear = 2023\n"作者" = "王五"\n+++\n正文'
        after = made("frontmatter", tmp_path, keys=["作者"]).describe(
            item, replace(document, text=text)
        )
        assert (after.text, dict(after.meta)) == ("正文", {"pages": 3, "作者": "王五"})

    def test_a_rule_between_paragraphs_is_text(self, describer, item, document):
        prose = replace(document, text="---\nOnce upon a time\n---\nthe end")
        assert describer.describe(item, prose) == prose

    def test_what_is_not_valid_is_said_and_kept(self, describer, item, document):
        with pytest.raises(DataError, match="front matter"):
            describer.describe(item, replace(document, text="---\na: [1\n---\ntext"))


class TestSidecar(DescriberContract):
    @pytest.fixture
    def item(self, tmp_path):
        (tmp_path / "报告.pdf.meta.json").write_text(SIDECAR, encoding="utf-8")
        return item_of(tmp_path, "报告.pdf")

    @pytest.fixture
    def document(self, item):
        return document_of(item)

    @pytest.fixture
    def describer(self, tmp_path):
        return made("sidecar", tmp_path)

    def test_scalars_and_lists_are_kept(self, describer, item, document):
        after = describer.describe(item, document)
        assert after.meta == {"pages": 3, "company": "Apple", "年份": 2023, "tags": ("a", "b")}

    @pytest.mark.parametrize(
        "suffix, text",
        [("yaml", "year: 2023\nday: 2023-05-01"), ("toml", "year = 2023\nday = 2023-05-01")],
    )
    def test_yaml_and_toml(self, tmp_path, describer, suffix, text):
        item = item_of(tmp_path, "b.txt")
        (tmp_path / f"b.txt.meta.{suffix}").write_text(text, encoding="utf-8")
        assert describer.describe(item, document_of(item)).meta == {
            "pages": 3,
            "year": 2023,
            "day": "2023-05-01",
        }

    def test_a_changed_sidecar_changes_the_mark(self, tmp_path, describer, item):
        before = describer.mark(item)
        (tmp_path / "报告.pdf.meta.json").write_text('{"company": "微软"}', encoding="utf-8")
        assert describer.mark(item) != before
        (tmp_path / "报告.pdf.meta.json").unlink()
        assert describer.mark(item) == ""

    def test_a_sidecar_is_no_document_unless_it_stands_alone(self, tmp_path, describer, item):
        beside = SourceItem("docs/x", "x", "docs", "1-2", path=tmp_path / "报告.pdf.meta.json")
        alone = item_of(tmp_path, "other.meta.json", "{}")
        assert describer.is_description(beside)
        assert not describer.is_description(alone)

    @pytest.mark.parametrize("text", ["{", "[1]", "\xff"])
    def test_a_bad_one_is_said(self, tmp_path, describer, item, document, text):
        (tmp_path / "报告.pdf.meta.json").write_bytes(text.encode("latin-1"))
        with pytest.raises(DataError, match="sidecar"):
            describer.describe(item, document)

    def test_a_link_is_not_followed(self, tmp_path, describer):
        secret = tmp_path / "secret"
        secret.write_text('{"password": "x"}', encoding="utf-8")
        item = item_of(tmp_path, "c.txt")
        (tmp_path / "c.txt.meta.json").symlink_to(secret)
        with pytest.raises(DataError, match="link"):
            describer.describe(item, document_of(item))


TABLE = "file,company,year,code,公开\na.txt,Apple,2023,007,true\n财报/*.txt,微软,2022,1.5,\n"


class TestCsvMap(DescriberContract):
    @pytest.fixture
    def item(self, tmp_path):
        (tmp_path / "map.csv").write_text(TABLE, encoding="utf-8")
        return item_of(tmp_path, "a.txt")

    @pytest.fixture
    def document(self, item):
        return document_of(item)

    @pytest.fixture
    def describer(self, tmp_path):
        return made("csv-map", tmp_path, path="map.csv")

    def test_cells_are_told_by_what_they_look_like(self, tmp_path, describer, item, document):
        assert describer.describe(item, document).meta == {
            "pages": 3,
            "company": "Apple",
            "year": 2023,
            "code": "007",
            "公开": True,
        }
        chinese = item_of(tmp_path, "财报/二.txt")
        assert describer.describe(chinese, document).meta == {
            "pages": 3,
            "company": "微软",
            "year": 2022,
            "code": 1.5,
        }
        other = item_of(tmp_path, "b.txt")
        assert describer.describe(other, document).meta == {"pages": 3}

    def test_only_the_document_of_a_changed_row_changes(self, tmp_path, describer, item):
        chinese = item_of(tmp_path, "财报/二.txt")
        before = describer.mark(item), describer.mark(chinese)
        (tmp_path / "map.csv").write_text(TABLE.replace("微软", "Microsoft"), encoding="utf-8")
        again = made("csv-map", tmp_path, path="map.csv")
        assert again.mark(item) == before[0]
        assert again.mark(chinese) != before[1]
        assert again.is_description(SourceItem("m", "m", "docs", "1", path=tmp_path / "map.csv"))

    def test_gb18030_tabs_and_a_named_column(self, tmp_path, item, document):
        text = "公司\t文件\n苹果\ta.txt\n微软\tb.txt\n阿里巴巴集团控股\tc.txt\n"
        (tmp_path / "表.tsv").write_bytes(text.encode("gb18030"))
        table = made("csv-map", tmp_path, path="表.tsv", key="文件")
        assert table.describe(item, document).meta["公司"] == "苹果"

    @pytest.mark.parametrize("settings", [{"path": "none.csv"}, {"path": "map.csv", "key": "id"}])
    def test_a_missing_file_or_column_is_the_users_to_mend(self, tmp_path, item, settings):
        with pytest.raises(ConfigError, match=r"corpus\.describe"):
            made("csv-map", tmp_path, **settings).mark(item)


class TestPath(DescriberContract):
    @pytest.fixture
    def item(self, tmp_path):
        return item_of(tmp_path, "财报/2023/Q1-苹果.txt")

    @pytest.fixture
    def document(self, item):
        return document_of(item)

    @pytest.fixture
    def describer(self, tmp_path):
        pattern = r"(?P<year>\d{4})/(?P<quarter>Q[1-4])-(?P<company>[^/.]+)"
        return made("path", tmp_path, pattern=pattern, folders=["sort"])

    def test_groups_and_folders(self, describer, item, document):
        assert describer.describe(item, document).meta == {
            "pages": 3,
            "sort": "财报",
            "year": 2023,
            "quarter": "Q1",
            "company": "苹果",
        }

    @pytest.mark.parametrize("pattern", ["(?P<a>x(?=y))", "(x)", "(?P<a>"])
    def test_a_pattern_that_cannot_be_used_is_said(self, tmp_path, pattern):
        with pytest.raises(ConfigError, match="pattern"):
            made("path", tmp_path, pattern=pattern)

    def test_time_does_not_explode(self, tmp_path):
        item = SourceItem("docs/" + "a" * 5000, "a", "docs", "1")
        describer = made("path", tmp_path, pattern="(?P<x>(?:a+)+)$!")
        assert describer.describe(item, document_of(item)).meta == {"pages": 3}


class TestExtracted(DescriberContract):
    @pytest.fixture
    def item(self, tmp_path):
        return item_of(tmp_path, "a.md")

    @pytest.fixture
    def document(self, item):
        return document_of(
            item, "# Minutes\n\nDate: 5 March 2023\nBy Ann O'Brien\n\nFounded in May 1990."
        )

    @pytest.fixture
    def describer(self, tmp_path):
        return made("extracted", tmp_path)

    def test_english(self, describer, item, document):
        found = {"pages": 3, "date": "2023-03-05", "author": "Ann O'Brien", "file_type": "md"}
        assert describer.describe(item, document).meta == found

    def test_chinese(self, describer, item):
        text = "关于休假的通知\n作者：王小明\n发布日期：２０２３年３月\n\n公司成立于1990年5月1日。"
        found = {"pages": 3, "date": "2023-03", "author": "王小明", "file_type": "md"}
        assert describer.describe(item, document_of(item, text)).meta == found

    def test_a_story_is_not_the_date_of_the_text(self, describer, item):
        text = (
            "It was on 5 March 1990 that the company was founded, "
            + "and it grew for many years. " * 5
        )
        assert "date" not in describer.describe(item, document_of(item, text)).meta

    def test_what_the_file_says_itself_stays(self, describer, item, document):
        known = replace(document, meta={"author": "Eve", "created": "2020-01-02T10:00"})
        after = describer.describe(item, replace(known, text="text"))
        assert after.meta == {**known.meta, "date": "2020-01-02", "file_type": "md"}


def test_declared_types_rule_and_one_bad_sidecar_stops_nothing(tmp_path):
    item = item_of(tmp_path, "2023/a.txt")
    item.path.with_name("a.txt.meta.json").write_text("{", encoding="utf-8")
    describers = [
        made("sidecar", tmp_path),
        made("path", tmp_path, pattern=r"^(?P<code>\d+)/"),
        made("extracted", tmp_path),
    ]
    descriptions = Descriptions(describers, {"code": "text", "file_type": "list"})
    found = descriptions.describe(item, document_of(item))
    assert found.document.meta == {"pages": 3, "code": "2023", "file_type": ("txt",)}
    assert found.told == {"code": "2023"}
    assert [problem.where for problem in found.problems] == ["2023/a.txt"]


@pytest.mark.parametrize(
    "kind, given, read",
    [
        ("int", "1,234", 1234),
        ("float", "1.50", 1.5),
        ("bool", "是", True),
        ("bool", "no", False),
        ("date", "2023年3月5日", "2023-03-05"),
        ("date", "2023/3/5", "2023-03-05"),
        ("list", "a; 乙、c", ("a", "乙", "c")),
        ("text", 7, "7"),
        ("int", "many", "many"),
    ],
)
def test_values_are_read_as_declared(tmp_path, kind, given, read):
    item = item_of(tmp_path, "a.txt")
    item.path.with_name("a.txt.meta.json").write_text(json.dumps({"k": given}), encoding="utf-8")
    descriptions = Descriptions([made("sidecar", tmp_path)], {"k": kind})
    assert descriptions.describe(item, document_of(item)).document.meta["k"] == read
