"""Whatever the bytes: a text or a DataError, never anything else."""

from __future__ import annotations

import contextlib
import json
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.config.solution import Limits
from surefoot.core.errors import DataError
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.encoding import decode
from surefoot.ingest.extract.readers import read

WORDS = st.text(alphabet="aé,;|\t\r\n\"'中文。\0\ufeff<>&=?:-[]{}0", max_size=200)
BYTES = st.one_of(
    st.binary(max_size=300), WORDS.map(lambda text: text.encode("gb18030")), WORDS.map(str.encode)
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "Subject",
                "From",
                "Date",
                "Content-Type",
                "Content-Transfer-Encoding",
                "Content-Disposition",
            ]
        ),
        st.one_of(
            WORDS,
            st.sampled_from(
                [
                    "multipart/mixed; boundary=b",
                    "message/rfc822",
                    "text/html; charset=x",
                    "base64",
                    "=?utf-8?q?=zz?=",
                ]
            ),
        ),
    ),
    max_size=6,
)


def reads(name: str, data: bytes) -> None:
    with contextlib.suppress(DataError):
        text = read(Content(name, BytesIO(data), Limits())).text
        assert isinstance(text, str)


@settings(deadline=None, max_examples=60)
@given(
    data=BYTES,
    declared=st.one_of(
        st.none(), st.text(max_size=12), st.sampled_from(["utf-7", "idna", "gbk", "hex"])
    ),
)
def test_decoding_never_fails(data: bytes, declared: str | None) -> None:
    assert isinstance(decode(data, declared), str)


@pytest.mark.parametrize(
    "name",
    [
        "a.csv",
        "a.tsv",
        "a.vtt",
        "a.srt",
        "a.json",
        "a.jsonl",
        "a.xml",
        "a.ipynb",
        "a.md",
        "a.html",
        "a",
    ],
)
@settings(deadline=None, max_examples=40)
@given(data=BYTES)
def test_text_formats_never_break(name: str, data: bytes) -> None:
    reads(name, data)


@settings(deadline=None, max_examples=60)
@given(headers=HEADERS, body=BYTES)
def test_mails_never_break(headers: list[tuple[str, str]], body: bytes) -> None:
    head = "".join(f"{name}: {value}\n" for name, value in headers)
    reads("a.eml", head.encode() + b"\n" + body + b"\n--b\n\n" + body + b"\n--b--\n")


@settings(deadline=None, max_examples=60)
@given(
    value=st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_any_json_value_is_listed(value: object) -> None:
    reads("a.json", json.dumps(value).encode())
    reads("a.ipynb", json.dumps({"cells": value, "metadata": value}).encode())


@settings(deadline=None, max_examples=60)
@given(
    times=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 99), st.text(max_size=12)), max_size=6
    )
)
def test_any_cues_are_read(times: list[tuple[int, int, str]]) -> None:
    cues = [
        f"{a:02d}:{b:02d}.{b:03d} --> {b:02d}:{a:02d}.000\n<v {words}>{words}\n"
        for a, b, words in times
    ]
    reads("a.vtt", ("WEBVTT\n\n" + "\n".join(cues)).encode(errors="replace"))
