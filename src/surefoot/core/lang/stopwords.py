"""Words that carry no topic, English and Chinese (the Chinese ones as the bigrams that `terms` yields)."""

from __future__ import annotations

_ENGLISH = """
a about after again all also am an and any are as at be because been before being between both but by can could did do
does doing during each few for from further had has have having he her here hers him himself his how i if in into is it
its itself just me more most my no nor not now of off on once only or other our ours out over own please same she should
so some such tell than that the their theirs them then there these they this those through to too under until up very
was
we were what when where which while who whom whose why will with would you your yours
"""
_CHINESE = """
的 了 是 在 和 与 或 吗 呢 吧 啊 有 及 其 被 把 对 从 到 也 都 就 而 于 什么 怎么 怎样 如何 哪些 哪个 哪里
哪种 多少
为何 为什 请问 是否 可以 能否 是什 么是 有什 有哪 谁是 是谁
我们 你们 他们 它们 这个 那个 这些 那些 一个 以及 因为 所以 但是 如果
"""

STOP_WORDS = frozenset((*_ENGLISH.split(), *_CHINESE.split()))
