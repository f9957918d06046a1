"""A verdict in plain words, English and Chinese; one to three sentences that need no statistics to read."""

from __future__ import annotations

from typing import Literal

from surefoot.evaluate.stats.verdicts import Verdict

Language = Literal["en", "zh"]

_TOO_FEW = {
    "en": "These are too few questions ({n}) to rely on the interval.",
    "zh": "问题太少（{n} 个），区间还不可靠。",
}


def verdict_text(verdict: Verdict, lang: Language = "en") -> str:
    """What the verdict says of the other solution beside the base: which it is, by how much, and how sure that is."""
    said = [_said_zh(verdict)] if lang == "zh" else [_said_en(verdict)]
    if verdict.few:
        said.append(_TOO_FEW[lang].format(n=verdict.difference.n))
    return "".join(said) if lang == "zh" else " ".join(said)


def needed_text(needed: int | None, lang: Language = "en") -> str:
    """How many more questions it would take, as a clause without a full stop."""
    if needed is None:
        return (
            "再多的问题也难以分出"
            if lang == "zh"
            else "no practical number of questions would tell"
        )
    if lang == "zh":
        return f"大约还需要 {needed} 个问题"
    return f"about {needed} more {'question' if needed == 1 else 'questions'} would tell"


def _said_en(verdict: Verdict) -> str:
    gap = verdict.difference
    asked = f"{gap.n} {'question' if gap.n == 1 else 'questions'}"
    seen = f"{gap.value:+.3f}, between {gap.low:+.3f} and {gap.high:+.3f}, over {asked}"
    if verdict.kind == "equivalent":
        return f"Equivalent: the difference ({seen}) is smaller than {verdict.margin:g} either way."
    if verdict.kind == "not proven":
        return f"Not proven: the difference ({seen}) may be chance; {needed_text(verdict.needed)}."
    small = abs(gap.value) < verdict.margin
    rest = f", though by less than {verdict.margin:g}" if small else ""
    return (
        f"{verdict.kind.capitalize()}: the difference is {seen}; chance does not explain it{rest}."
    )


def _said_zh(verdict: Verdict) -> str:
    gap = verdict.difference
    seen = f"{gap.value:+.3f}，在 {gap.low:+.3f} 到 {gap.high:+.3f} 之间，共 {gap.n} 个问题"
    if verdict.kind == "equivalent":
        return f"相当：差别（{seen}）无论朝哪边都小于 {verdict.margin:g}。"
    if verdict.kind == "not proven":
        return f"未能证明：差别（{seen}）可能只是偶然；{needed_text(verdict.needed, 'zh')}。"
    word = "更好" if verdict.kind == "better" else "更差"
    small = abs(gap.value) < verdict.margin
    rest = f"，但幅度小于 {verdict.margin:g}" if small else ""
    return f"{word}：差别为 {seen}；偶然无法解释{rest}。"
