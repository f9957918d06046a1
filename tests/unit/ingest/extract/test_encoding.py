from __future__ import annotations

import pytest

from surefoot.ingest.extract.encoding import decode, find_encoding

CHINESE = [
    "北京",
    "你好",
    "知识产权",
    "第一步",
    "编号,正文\n1,测试",
    "今天天气很好。",
    "价格：100元",
    "A公司的员工手册",
    "安装 Python 3.11 的步骤",
    "退款",
    "上海市浦东新区",
    "鑫淼科技",
    "《红楼梦》",
    "玻璃和咖啡",
]
JAPANESE = [
    "東京",
    "佐藤太郎",
    "名前,住所\n山田,大阪",
    "これはテストです。",
    "カタカナ",
    "日本語",
    "株式会社",
    "価格：100円",
    "休暇申請の手順",
    "Excelの使い方",
]
WESTERN = [
    "café",
    "Müller",
    "Größe",
    "“quoted”",
    "it’s fine",
    "El niño comió piñas",
    "25 °C",
    "Zürich – Genève",
    "½ cup",
]


@pytest.mark.parametrize("text", CHINESE)
def test_short_chinese_text_in_gb18030_is_read(text: str) -> None:
    assert decode(text.encode("gb18030")) == text


@pytest.mark.parametrize("text", JAPANESE)
def test_short_japanese_text_in_shift_jis_is_read(text: str) -> None:
    assert decode(text.encode("cp932")) == text


@pytest.mark.parametrize("text", WESTERN)
def test_western_text_in_cp1252_is_read(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("繁體中文測試", "big5"),
        ("知識產權", "gb18030"),
        ("안녕하세요", "cp949"),
        ("Привет, как дела?", "cp1251"),
        ("これはテストです。", "iso2022_jp"),
    ],
)
def test_other_encodings_are_told_apart(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", [*CHINESE, *JAPANESE, *WESTERN])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_its_mark_is_certain(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["hello world", "Line one\nline two\n", "第一行 1\n第二行 2\n", "“quoted” text"]
)
def test_utf16_without_a_mark_is_read(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_what_the_file_declares_decides_where_nothing_is_certain() -> None:
    assert find_encoding("Привет".encode("koi8-r"), "KOI8-R") == "koi8-r"
    assert decode("镕基".encode("gb18030"), "gb2312") == "镕基"


def test_valid_utf8_beats_a_wrong_declaration() -> None:
    assert decode("中文".encode(), "gbk") == "中文"


@pytest.mark.parametrize("declared", ["no-such-encoding", "base64", "rot13", "\0", ""])
def test_a_senseless_declaration_is_ignored(declared: str) -> None:
    assert decode("中文内容".encode("gb18030"), declared) == "中文内容"


def test_line_ends_become_line_feeds() -> None:
    assert decode("一\r\n二\r三\n四".encode("gb18030")) == "一\n二\n三\n四"


def test_a_sample_may_end_inside_a_character() -> None:
    data = ("中文" * 100).encode()
    assert find_encoding(data[:100], whole=False) == "utf-8"
    assert find_encoding(("中文" * 100).encode("gb18030")[:101], whole=False) == "gb18030"


def test_broken_bytes_are_marked_and_the_rest_is_kept() -> None:
    text = decode("好的内容".encode() + b"\xff\xfe\xfd" + b"end")
    assert text.endswith("end")
