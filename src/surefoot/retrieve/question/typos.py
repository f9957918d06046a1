"""What somebody may have meant: words one edit away, and Han characters that sound the same. Knows no index."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SWAPPED, _DROPPED, _ADDED, _OTHER_LETTER = 1.0, 0.9, 0.8, 0.3
_OTHER_START = 0.1
# The first character of each syllable in level 1 of GB 2312, whose 3755 characters stand in the order of their
# sound (bytes B0A1 to D7F9): a character sounds like those between the same two starts. Tones do not count.
_SYLLABLES = (
    "啊埃鞍肮凹芭白斑邦苞杯奔崩逼鞭标鳖彬兵玻捕擦猜餐苍操厕层插拆搀昌超车郴撑吃充抽初揣川疮吹春戳疵聪凑粗蹿摧村磋"
    "搭呆耽当刀德蹬堤颠碉跌丁丢东兜督端堆墩掇蛾恩而发藩坊菲芬丰佛否夫噶该干冈篙哥给根耕工钩辜刮乖棺光瑰辊锅"
    "哈骸酣夯壕呵嘿痕哼轰喉呼花槐欢荒灰荤豁击嘉歼僵蕉揭巾荆炯揪鞠捐撅均喀开刊康考坷肯坑空抠枯夸块宽匡亏坤括"
    "垃莱蓝琅捞勒雷棱厘俩联粮撩列琳玲溜龙楼芦峦抡萝妈埋瞒芒猫么玫门萌眯棉苗蔑民明谬摸谋拇拿氖南囊挠呢馁嫩能妮蔫娘鸟捏您柠牛脓奴暖挪"
    "哦欧啪拍攀乓抛呸喷砰坯篇飘撇拼乒坡扑期掐牵枪橇切钦青琼秋趋圈缺裙然瓤饶惹壬扔日戎揉茹软蕊闰若撒腮三桑搔瑟森僧莎筛珊墒梢奢砷声师收蔬刷摔栓霜谁吮说斯松搜苏酸虽孙蓑"
    "塌胎坍汤掏特藤梯天挑贴厅通偷凸湍推吞拖挖歪豌汪威瘟嗡挝巫昔瞎掀相萧楔薪星兄休墟轩靴勋压焉殃邀椰一茵英哟拥幽迂鸳曰耘"
    "匝栽咱赃遭责贼怎增扎摘瞻樟招遮珍蒸芝中舟珠抓拽专桩椎谆捉兹鬃邹租钻嘴尊昨"
)


def edits(word: str) -> dict[str, float]:
    """Lower-case words one slip away, each with how likely the slip is beside the others (0 to 1).

    Letters swapped, left out or doubled are likelier than one letter for another; a wrong first letter is rare.
    """
    found: dict[str, float] = {}
    for other, likely in _slips(word.lower()):
        weight = likely * (1.0 if other[:1] == word[:1].lower() else _OTHER_START)
        found[other] = max(weight, found.get(other, 0.0))
    found.pop(word.lower(), None)
    return found


def homophones(char: str) -> str:
    """The common Han characters that sound like this one, tones aside; empty for a rare character."""
    place = _place(char)
    if place is None:
        return ""
    starts = _starts()
    at = bisect_right(starts, place)
    end = starts[at] if at < len(starts) else len(_common())
    return _common()[starts[at - 1] : end].replace(char, "")


def _slips(word: str) -> Iterator[tuple[str, float]]:
    for i in range(len(word) + 1):
        before, after = word[:i], word[i:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:], _SWAPPED
        if after:
            yield before + after[1:], _ADDED
        for letter in _LETTERS:
            yield before + letter + after, _DROPPED
            if after:
                yield before + letter + after[1:], _OTHER_LETTER


def _place(char: str) -> int | None:
    place = _common().find(char)
    return None if place < 0 else place


@lru_cache(maxsize=1)
def _common() -> str:
    rows = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return "".join(pair.decode("gb2312", "ignore") for pair in rows)


@lru_cache(maxsize=1)
def _starts() -> list[int]:
    return [_common().index(char) for char in _SYLLABLES]
