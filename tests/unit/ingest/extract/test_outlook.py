"""Outlook mails are read with their attachments, in English and Chinese."""

import struct

import pytest

from surefoot.core.errors import DataError

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


class Compound:
    """Writes nested dicts of bytes as an OLE compound file: small streams in 64-byte sectors, others in 512."""

    def __init__(self, tree):
        self.entries = []
        self.small = b""
        self.small_chain = []
        self.add("Root Entry", tree, 5)

    def add(self, name, content, kind):
        place = len(self.entries)
        entry = {"name": name, "kind": kind, "start": END, "size": 0, "data": b"", "child": FREE}
        self.entries.append(entry | {"left": FREE, "right": FREE})
        if isinstance(content, dict):
            ordered = sorted(content.items(), key=lambda pair: (len(pair[0]), pair[0].upper()))
            inner = [self.add(n, c, 1 if isinstance(c, dict) else 2) for n, c in ordered]
            self.entries[place]["child"] = self.balanced(inner)
        else:
            self.put(self.entries[place], content)
        return place

    def balanced(self, places):
        if not places:
            return FREE
        middle = len(places) // 2
        entry = self.entries[places[middle]]
        entry["left"] = self.balanced(places[:middle])
        entry["right"] = self.balanced(places[middle + 1 :])
        return places[middle]

    def put(self, entry, content):
        entry["size"] = len(content)
        if len(content) >= 4096:
            entry["data"] = content
        elif content:
            entry["start"] = len(self.small_chain)
            count = -(-len(content) // 64)
            self.small_chain += [entry["start"] + i + 1 for i in range(count - 1)] + [END]
            self.small += content.ljust(count * 64, b"\0")

    def written(self):
        root = self.entries[0]
        root["data"], root["size"] = self.small, len(self.small)
        chain, sectors = [FAT], []

        def stored(data):
            first, count = len(chain), -(-len(data) // 512)
            chain.extend([first + i + 1 for i in range(count - 1)] + [END])
            sectors.append(data.ljust(count * 512, b"\0"))
            return first

        for entry in self.entries:
            if entry["data"]:
                entry["start"] = stored(entry["data"])
        small = stored(
            struct.pack(f"<{len(self.small_chain)}I", *self.small_chain).ljust(512, b"\xff")
        )
        folder = stored(b"".join(map(self.row, self.entries)))
        assert len(chain) <= 128
        version = (0x3E, 3, 0xFFFE, 9, 6)
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", *version)
        head += struct.pack("<9I", 0, 1, folder, 0, 4096, small, 1, END, 0)
        head += struct.pack("<109I", 0, *[FREE] * 108)
        table = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))
        return head + table + b"".join(sectors)

    @staticmethod
    def row(entry):
        name = entry["name"].encode("utf-16-le")
        links = (entry["left"], entry["right"], entry["child"])
        row = name.ljust(64, b"\0") + struct.pack("<HBB3I", len(name) + 2, entry["kind"], 1, *links)
        return row + struct.pack("<16x4x8x8xIQ", entry["start"], entry["size"])


def variable(tag, size):
    return struct.pack("<IIQ", tag, 6, size)


def outlook(subject, body, *attachments):
    def text(value):
        return value.encode("utf-16-le")

    count = len(attachments)
    tree = {
        "__nameid_version1.0": {f"__substg1.0_000{i}0102": b"" for i in (2, 3, 4)},
        "__substg1.0_001A001F": text("IPM.Note"),
        "__substg1.0_0037001F": text(subject),
        "__substg1.0_1000001F": text(body),
        "__substg1.0_0C1A001F": text("王芳"),
        "__substg1.0_0C1F001F": text("Wang@example.com"),
        "__properties_version1.0": struct.pack("<8x4I8x", 0, count, 0, count)
        + variable(0x340D0003, 0x40000)
        + variable(0x0037001F, 2 * len(subject) + 2)
        + variable(0x1000001F, 2 * len(body) + 2),
    }
    for number, (name, data) in enumerate(attachments):
        tree[f"__attach_version1.0_#{number:08X}"] = {
            "__substg1.0_37010102": data,
            "__substg1.0_3707001F": text(name),
            "__properties_version1.0": bytes(8)
            + variable(0x37050003, 1)
            + variable(0x37010102, len(data))
            + variable(0x3707001F, 2 * len(name) + 2),
        }
    return Compound(tree).written()


def test_attachments_stand_under_their_names(read_as):
    found = read_as(
        "a.msg",
        outlook(
            "会议 Meeting",
            "At ten. 十点。",
            ("表格.csv", "编号,名称\n1,北京\n".encode("gb18030")),
            ("page.html", b"<html><body><p>Hello page</p></body></html>"),
            ("long.txt", b"The pump stops at night.\n" * 400),
        ),
    )
    assert found.title == "会议 Meeting"
    assert "At ten. 十点。" in found.text
    assert "## 表格.csv\n\n| 编号 | 名称 |" in found.text
    assert "## page.html\n\nHello page" in found.text
    assert "## long.txt\n\nThe pump stops at night." in found.text
    assert found.meta["from"] == "wang@example.com"
    assert found.meta["subject"] == "会议 Meeting"
    assert found.notes == ()


def test_an_attachment_that_gives_no_text_is_a_note(read_as):
    found = read_as("a.msg", outlook("Photo", "See below.", ("x.bin", b"\x00\x01\x02\xff" * 40)))
    assert "See below." in found.text
    assert found.notes == ("attachment x.bin was not read",)


def test_a_damaged_mail_is_said(read_as):
    with pytest.raises(DataError):
        read_as("a.msg", outlook("A", "b")[:700])
