"""What `surefoot chat` says besides answers, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Said = Literal[
    "help",
    "alone",
    "no_sources",
    "reset",
    "forgotten",
    "saved",
    "save_where",
    "unknown",
    "stopped",
    "going_on",
]
COMMANDS: Final[Mapping[str, str]] = {
    "/help": "help",
    "/帮助": "help",
    "/sources": "sources",
    "/来源": "sources",
    "/reset": "reset",
    "/重置": "reset",
    "/forget": "forget",
    "/忘记": "forget",
    "/save": "save",
    "/保存": "save",
    "/quit": "quit",
    "/exit": "quit",
    "/退出": "quit",
}
WORDS: Final[Mapping[str, Mapping[Said, str]]] = {
    "en": {
        "help": "/sources shows what the last answer rests on, /reset begins anew, /save FILE writes the conversation "
        "to a file, /forget deletes what is kept of it, /quit ends.",
        "alone": 'questions that refer to earlier ones ("and on Sundays?") are searched as they are typed: put the '
        "stage condense before the search",
        "no_sources": "the last answer names no source",
        "reset": "begun anew",
        "forgotten": "what was kept of this conversation is deleted",
        "saved": "saved to {}",
        "save_where": "name a file that does not exist yet: /save talk.md",
        "unknown": "there is no command {}",
        "stopped": "interrupted; the conversation is as it was before the question",
        "going_on": "going on with conversation {} ({} questions)",
    },
    "zh": {
        "help": "/sources（/来源）显示上一个回答的依据，/reset（/重置）重新开始，/save（/保存）FILE 把对话写入文件，"
        "/forget（/忘记）删除已保存的对话，/quit（/退出）结束。",
        "alone": "承接前文的问题（例如“那周日呢？”）会按原样检索：请在检索之前加入阶段 condense",
        "no_sources": "上一个回答没有列出来源",
        "reset": "已重新开始",
        "forgotten": "已删除保存的这段对话",
        "saved": "已保存到 {}",
        "save_where": "请给出一个尚不存在的文件名：/save talk.md",
        "unknown": "没有命令 {}",
        "stopped": "已中断；对话保持提问之前的样子",
        "going_on": "继续对话 {}（{} 个问题）",
    },
}
