"""Personal data is found in both languages; what only looks like it survives."""

from __future__ import annotations

import pytest

from surefoot.core.lang.private import find_private, masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to anna.lee+hr@example.co.uk.", "Write to [email]."),
        ("请联系zhang@example.com，谢谢", "请联系[email]，谢谢"),
        ("手机13800138000，座机010-62770334。", "手机[phone]，座机[phone]。"),
        ("电话：+86 138 0013 8000", "电话：[phone]"),
        ("Call +49 30 901820 or (212) 555-0123.", "Call [phone] or [phone]."),
        ("身份证11010519491231002X。", "身份证[resident-id]。"),
        ("ID 440524188001010014 is of 1880", "ID 440524188001010014 is of 1880"),
        ("card 4111 1111 1111 1111, 5500-0000-0000-0004", "card [card], [card]"),
        ("银行卡6222021234567890128和6222021234567890127", "银行卡[card]和6222021234567890127"),
        ("IBAN DE89 3704 0044 0532 0130 00 today", "IBAN [iban] today"),
        ("from 192.168.10.25 and 2001:db8:0:1:1:1:1:1", "from [ip] and [ip]"),
    ],
)
def test_personal_data_is_masked(text, expected):
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Order 202611221234567 of 2026-11-22, invoice INV-13800138000-7.",
        "订单号20261122130013800，日期2026年11月22日，合计12,345.67元",
        "Version 1.2.3.4, release 10.0.19041.1 and v2.11.0.7; 版本 3.1.4.1",
        "4111 1111 1111 1112 fails its checksum, 110105194912310021 too.",
        "DE89 3704 0044 0532 0130 01 is no account; ISBN 978-7-111-40701-0",
        "at 10:20:30, ratio 1:2:3, §12.3.4, 0.123456789012345, std::vector",
        "@mention a@b, price 1,234,567.89 and 2024/05/06",
    ],
)
def test_what_only_looks_like_it_survives(text):
    assert masked(text) == text


def test_places_are_exact():
    text = "甲 a@b.io 乙 13800138000"
    assert [(one.kind, text[one.start : one.end]) for one in find_private(text)] == [
        ("email", "a@b.io"),
        ("phone", "13800138000"),
    ]


def test_a_long_text_takes_no_time():
    assert masked("1" * 50_000 + "a" * 50_000 + "@") == "1" * 50_000 + "a" * 50_000 + "@"
