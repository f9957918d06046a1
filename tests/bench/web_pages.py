"""How much of a web page's main text is read, and how much of what is read is of it.

    python web_pages.py FOLDER

FOLDER holds unpacked documentation packages of Debian by their names (`apt-get download NAME`, `dpkg-deb -x`). What is
main text follows from the layout that each package has throughout: the element that holds it, or those that do not.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import lxml.html

from surefoot.ingest.extract.web import read_tree

DOCBOOK = "//*[@class='navheader' or @class='navfooter']"
# The names of classes were chosen while looking at these.
SEEN = {
    "apache2-doc": ("//*[@id='page-content']", ""),
    "debian-faq-zh-cn": ("", DOCBOOK),
    "debian-handbook": ("", "//*[contains(@class, 'docnav') or @id='title']"),
    "debian-reference-zh-cn": ("", DOCBOOK),
    "git-doc": ("", "//*[@id='footer']"),
    "nodejs-doc": ("//*[@id='apicontent']", ""),
    "openjdk-17-doc": ("//main", ""),
    "postgresql-doc-15": ("", DOCBOOK),
    "python-django-doc": ("//*[@class='yui-g']", ""),
    "python3.11-doc": ("//div[@class='body']", ""),
}
FRESH = {
    "debian-policy": ("//*[@class='body']", ""),
    "gimp-help-en": ("", DOCBOOK),
    "gimp-help-zh-cn": ("", DOCBOOK),
    "installation-guide-amd64": ("", DOCBOOK),
    "libcairo2-doc": ("", "//table[@class='navigation']|//*[@class='footer']"),
    "python-flask-doc": ("//*[@class='body']", ""),
    "python-sqlalchemy-doc": ("//*[@id='docs-body']", ""),
    "sqlite3-doc": ("", "//*[@class='nosearch']"),
}
PAGES = 40
WORDS = re.compile(r"[\u4e00-\u9fff]|[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Read:
    """One page: the shares of its main text that is read, and of what is read that is main text; seconds."""

    recall: float
    precision: float
    seconds: float


def words(text: str) -> Counter[str]:
    return Counter(WORDS.findall(re.sub(r"\]\([^)]*\)", "]", text)))


def tree(data: bytes) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(encoding="utf-8"))


def main_text(data: bytes, inside: str, outside: str) -> str:
    root = tree(data)
    for element in root.xpath(
        "//script|//style|//head|//noscript" + (f"|{outside}" if outside else "")
    ):
        if element.getparent() is not None:
            element.drop_tree()
    return "\n".join(part.text_content() for part in (root.xpath(inside) if inside else [root]))


def pages(folder: Path, inside: str, outside: str) -> Iterator[Read]:
    """Forty pages by a fixed draw, of those of 3 to 600 kB with at least 60 words."""
    files = sorted(folder.rglob("*.html"))
    random.Random(1).shuffle(files)
    found = 0
    for file in files:
        if found == PAGES or not file.is_file() or not 3000 <= file.stat().st_size <= 600_000:
            continue
        data = file.read_bytes()
        gold = words(main_text(data, inside, outside))
        if gold.total() < 60:
            continue
        found += 1
        began = time.process_time()
        read = words(read_tree(tree(data)).text)
        seconds = time.process_time() - began
        common = (gold & read).total()
        yield Read(common / gold.total(), common / max(1, read.total()), seconds)


def main() -> None:
    folder = Path(sys.argv[1])
    for title, layouts in (("seen", SEEN), ("fresh", FRESH)):
        print(f"| {title} | n | main text read | worst page | of what is read | worst page | ms |")
        print("|---|---|---|---|---|---|---|")
        for name, (inside, outside) in layouts.items():
            read = list(pages(folder / name, inside, outside))
            recall, precision = [one.recall for one in read], [one.precision for one in read]
            print(
                f"| {name} | {len(read)} | {mean(recall):.3f} | {min(recall):.2f} | {mean(precision):.3f} "
                f"| {min(precision):.2f} | {1000 * mean(one.seconds for one in read):.0f} |"
            )
        print()


if __name__ == "__main__":
    main()
