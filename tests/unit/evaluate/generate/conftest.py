"""A small town's pages in both languages, from which every method can make questions."""

from __future__ import annotations

from random import Random

import pytest

from surefoot.core.types import Document
from surefoot.evaluate.generate.methods import METHODS
from surefoot.evaluate.generate.offers import Library
from surefoot.evaluate.generate.pages import read_page

HARBOUR_EN = """# The harbour of Alder

The harbour lies on the west side. It was built by hand.

## Renting a mooring buoy

A mooring buoy is rented for a month at a time. The harbour office keeps a list of free buoys, and the list is
read out on Mondays. A rented buoy carries the number of the boat.

If you want to leave a boat over the winter, you can ask the harbour master for a place in the dry dock.
To register a new boat, bring the papers of the boat to the harbour office before noon.
The ferry waits for the tide because the channel is too shallow at low water.

## Recap

The harbour has buoys and a dry dock. They are rented by the month.

## Terms

* **Dry dock** - A basin from which the water can be pumped, where hulls are painted.
* `berth_code` - The letters that tell which pier a boat belongs to.

A windlass is a machine that hauls the anchor chain over a drum.

## Fees by boat length

| Length | Monthly fee | Deposit |
| --- | --- | --- |
| under six metres | 40 crowns | 100 crowns |
| six to ten metres | 75 crowns | 180 crowns |

## Who looks after the lighthouse?

The lighthouse is looked after by two keepers who live on the island. They change every fortnight, and the one who
goes ashore brings back flour, oil and newspapers for the other.
"""
HARBOUR_ZH = """# 桦林港

港口位于西岸。

## 租用系泊浮标

系泊浮标按月出租。港务办公室保存空闲浮标的名单，名单每周一宣读。租出的系泊浮标上写有船只的编号，编号由港务办公室发放。

如果你想让船只在港口过冬，可以向港务长申请干船坞的位置。
要登记新的渔船，请在中午以前把渔船的证件带到港务办公室。
由于航道在退潮时太浅，渡轮必须等待涨潮才能出发。

## 小结

港口有浮标和干船坞，按月出租。

## 术语

* **干船坞**：可以把水抽干的水池，船体在里面刷漆。
* `berth_code`：说明船只属于哪个码头的字母。

绞盘是一种用卷筒收起锚链的机器。

## 按船长收费

| 船长 | 每月费用 | 押金 |
| --- | --- | --- |
| 六米以下 | 40克朗 | 100克朗 |
| 六米到十米 | 75克朗 | 180克朗 |

## 谁负责看守灯塔？

灯塔由住在岛上的两名看守人负责，他们每两周轮换一次。夜里灯塔每十秒闪一次光，白天则由上岸的那一位带回面粉、灯油和报纸。
"""
LIBRARY_EN = """# The library

## Recap

Books are lent for three weeks.

## Borrowing rare maps

Rare maps are kept in the cellar and may be read at the long table. A librarian brings the maps and takes them
back before the library closes at five.
"""
LIBRARY_ZH = """# 图书馆

## 小结

图书可以借三周。

## 借阅珍本地图

珍本地图存放在地下室，可以在长桌上阅读。管理员会取来珍本地图，并在下午五点闭馆以前收回，读者不能把地图带走，也不能在地图上写字。
"""
DESK_EN = """Where is my parcel now?
I would like to know where the parcel is.
My parcel has not arrived yet.
Can I see the way of my parcel on a map?
How long does a parcel travel?
"""
DESK_ZH = """我的包裹现在在哪里？
请问包裹什么时候能到？
我的包裹还没有收到。
可以在地图上看到包裹的位置吗？
包裹要走几天？
"""
TEXTS = {
    "en": {"harbour": HARBOUR_EN, "library": LIBRARY_EN, "desk": DESK_EN},
    "zh": {"harbour": HARBOUR_ZH, "library": LIBRARY_ZH, "desk": DESK_ZH},
}


def documents(lang):
    return [
        Document(f"{lang}/{name}.md", f"file://{name}", "", text, lang=lang)
        for name, text in TEXTS[lang].items()
    ]


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def pages(lang):
    return [read_page(document) for document in documents(lang)]


@pytest.fixture
def offers_of(pages):
    """The offers of a method; the same seed makes the same ones."""
    library = Library.of(pages)

    def make(method, seed=1):
        return [
            offer
            for page in pages
            for offer in METHODS[method](page, library, Random(f"{seed}{page.document.id}"))
        ]

    return make


@pytest.fixture
def gold(pages):
    """The text that answers an offer."""
    texts = {page.document.id: page.document.text for page in pages}
    return lambda offer: texts[offer.document_id][offer.start : offer.end]
