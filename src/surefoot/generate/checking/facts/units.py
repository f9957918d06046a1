"""Units of measure in both languages, as a dimension and a factor to its base unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

# dimension: {factor: names}
_TABLE: dict[str, dict[float, str]] = {
    "length": {
        1000.0: "km kilometre kilometres kilometer kilometers 公里 千米",
        1.0: "m metre metres meter meters 米 公尺",
        0.01: "cm centimetre centimetres centimeter centimeters 厘米 公分",
        0.001: "mm millimetre millimetres millimeter millimeters 毫米",
        1609.344: "mile miles mi 英里",
        0.3048: "ft foot feet 英尺",
        0.0254: "inch inches 英寸",
    },
    "mass": {
        1000.0: "tonne tonnes 吨 公吨",
        1.0: "kg kilogram kilograms 公斤 千克",
        0.001: "gram grams 克",
        1e-6: "mg milligram milligrams 毫克",
    },
    "time": {
        31557600.0: "year years yr yrs",
        2629800.0: "month months 个月",
        604800.0: "week weeks 周 个星期 星期",
        86400.0: "day days 天",
        3600.0: "hour hours 小时 个小时",
        60.0: "minute minutes 分钟",
        1.0: "second seconds 秒",
        0.001: "ms millisecond milliseconds 毫秒",
    },
    "share": {1.0: "% percent 个百分点"},
    "dollar": {1.0: "$ dollar dollars USD 美元"},
    "euro": {1.0: "€ euro euros EUR 欧元"},
    "yuan": {1.0: "¥ yuan RMB CNY 人民币 元"},
    "pound": {1.0: "£ GBP 英镑"},
    "temperature": {1.0: "°C ℃ 摄氏度"},
    "fahrenheit": {1.0: "°F ℉ 华氏度"},
    "bytes": {1e3: "KB", 1e6: "MB", 1e9: "GB", 1e12: "TB"},
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: amounts of one dimension compare after `factor`."""

    dimension: str
    factor: float
    name: str

    @staticmethod
    def named(name: str) -> Unit:
        """The unit that a match of `UNIT_AFTER` or `UNIT_BEFORE` names."""
        return _UNITS[name.strip().replace("per cent", "percent")]


_UNITS = {
    name: Unit(dimension, factor, name)
    for dimension, factors in _TABLE.items()
    for factor, names in factors.items()
    for name in names.split()
}
_NAMES = sorted(_UNITS, key=len, reverse=True)
_LATIN = "|".join(re.escape(name) for name in _NAMES if name.isascii() and name.isalpha())
_OTHER = "|".join(re.escape(name) for name in _NAMES if not (name.isascii() and name.isalpha()))
UNIT_AFTER = re.compile(rf"[\s-]?((?:per cent|{_LATIN})(?![A-Za-z])|{_OTHER})")
UNIT_BEFORE = re.compile(r"[$€£¥](?=\s?$)")
