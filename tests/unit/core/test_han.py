import pytest

from surefoot.core.lang.han import simplified


@pytest.mark.parametrize(
    "traditional, simple",
    [
        ("知識產權", "知识产权"),
        ("國際標準化組織", "国际标准化组织"),
        ("臺灣的圖書館裡", "台湾的图书馆里"),
        ("知识产权", "知识产权"),
        ("Intellectual property 法", "Intellectual property 法"),
        ("日本語のテキスト", "日本语のテキスト"),
    ],
)
def test_traditional_characters_fold_to_simplified_ones(traditional, simple):
    assert simplified(traditional) == simple


def test_text_without_han_stays_itself():
    text = "No Han here, ｆｕｌｌ width or not"
    assert simplified(text) is text


def test_folding_twice_is_folding_once_and_keeps_offsets():
    every = "".join(map(chr, range(0x3400, 0xA000)))
    once = simplified(every)
    assert len(once) == len(every)
    assert simplified(once) == once
    assert once != every
