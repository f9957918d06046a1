"""`surefoot chat`: a conversation in the terminal, or one question a line from a pipe."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.ask import (
    AsOption,
    DocsOption,
    FilterOption,
    asked_json,
    asker_of,
    read_filter,
    space_of,
    today,
)
from surefoot.cli.chat_words import COMMANDS, WORDS, Said
from surefoot.cli.command import Options, command
from surefoot.cli.render import (
    print_answer,
    print_json,
    print_sources,
    print_table,
    safe,
    say,
    shorten,
)
from surefoot.cli.spending import MaxCost, spent_json, spent_said, stop_where_used_up, used_up_said
from surefoot.core.errors import SurefootError

if TYPE_CHECKING:
    from surefoot.core.types import Answer
    from surefoot.run.conversation import Conversation
    from surefoot.run.workspace import Workspace

MODE = 0o600


@dataclass(frozen=True, slots=True)
class Kept:
    """Which kept conversation, and what to do with it."""

    going_on: Annotated[
        bool, typer.Option("--continue", help="Go on with the conversation held last.")
    ] = False
    name: Annotated[
        str, typer.Option("--conversation", help="Go on with this one, or begin it.")
    ] = ""
    no_keep: Annotated[bool, typer.Option("--no-keep", help="Keep nothing of it.")] = False
    listed: Annotated[bool, typer.Option("--list", help="List those kept, and leave.")] = False
    delete: Annotated[
        str, typer.Option("--delete", metavar="NAME", help="Delete one, and leave.")
    ] = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, over what, in which language the program speaks, and what the sitting may cost."""

    docs: DocsOption = None
    filter: FilterOption = None
    as_user: AsOption = None
    lang: Annotated[
        str, typer.Option("--lang", help="en or zh; left out: that of the question.")
    ] = ""
    max_cost: MaxCost = None


@command(app, solution=True)
def chat(options: Options, asking: Asking = Asking(), kept: Kept = Kept()) -> None:
    """Ask one question after another; /help shows what else can be typed, Ctrl-D ends.

    From a pipe it answers one question a line.

    Example: surefoot chat --continue
    """
    with space_of(options, asking.docs) as space:
        if kept.listed or kept.delete:
            _manage(space, options, kept)
            return
        _Session(space, options, asking, _conversation(space, kept)).hold()


def _manage(space: Workspace, options: Options, kept: Kept) -> None:
    from surefoot.run.talks import Talks

    talks = Talks(space.root)
    if kept.delete:
        talks.delete(kept.delete)
        return
    found = talks.all()
    if options.json:
        print_json(found)
        return
    rows = [(talk.name, talk.questions, shorten(talk.first, 60)) for talk in found]
    print_table(("conversation", "questions", "first"), rows)


def _conversation(space: Workspace, kept: Kept) -> Conversation:
    """The conversation that is meant; nothing is kept where traces keep no content either."""
    from surefoot.run.conversation import Conversation
    from surefoot.run.talks import Talks

    settings, talks = space.settings.settings, Talks(space.root)
    if kept.going_on:
        return Conversation(space, name=kept.name or talks.latest())
    if kept.name:
        return Conversation(space, name=kept.name)
    if kept.no_keep or not settings.trace_content or not settings.trace_keep_days:
        return Conversation(space)
    return Conversation(space, name=talks.new_name())


class _Session:
    """One sitting at the terminal."""

    def __init__(
        self, space: Workspace, options: Options, asking: Asking, conversation: Conversation
    ) -> None:
        self._space = space
        self._options = options
        self._asking = asking
        self._talk = conversation
        self._live = sys.stdin.isatty() and not options.no_input
        self._lang = asking.lang or "en"
        self._told_alone = False
        self._cost = 0.0

    def hold(self) -> None:
        """Questions and commands until there are no more."""
        if self._talk.transcript:
            self._say("going_on", self._talk.name, len(self._talk.transcript))
        elif self._live:
            self._say("help")
        while (line := self._line()) is not None:
            text = line.strip()
            if text.startswith("/"):
                if not self._obey(text):
                    return
            elif text:
                self._answer(text)

    def _line(self) -> str | None:
        """The next line; None at the end."""
        if not self._live:
            return sys.stdin.readline() or None
        import readline  # noqa: F401 - input() then edits lines

        try:
            return input("" if self._options.quiet else "> ")
        except EOFError:
            return None

    def _answer(self, text: str) -> None:
        from surefoot.core.lang import detect

        self._lang = self._asking.lang or ("zh" if detect(text) == "zh" else "en")
        if self._talk.history and not self._talk.follows_up and not self._told_alone:
            self._told_alone = True
            self._say("alone")
        try:
            self._ask(text)
        except KeyboardInterrupt:
            if not self._live:
                raise
            typer.echo()
            self._say("stopped")
        except SurefootError as problem:
            if not self._live:
                raise
            say(str(problem))

    def _ask(self, text: str) -> None:
        from surefoot.core.roles import Call, Meter

        most = self._asking.max_cost
        meter = Meter(max_cost=None if most is None else max(0.0, most - self._cost))
        streamed: list[str] = []

        def show(piece: str) -> None:
            streamed.append(piece)
            typer.echo(safe(piece), nl=False)

        streams = self._live and sys.stdout.isatty() and not self._options.json
        asked = self._talk.ask(
            text,
            filter=read_filter(self._asking.filter),
            asker=asker_of(self._asking.as_user),
            call=Call(on_text=show if streams else None, today=today(), meter=meter),
        )
        self._cost += meter.usage.cost
        answer = asked.turn.answer
        if self._options.json:
            print_json(asked_json(asked) | {"spent": spent_json(asked, meter.usage)})
        elif answer is not None:
            self._show(answer, "".join(streamed))
        notes = [*self._talk.notes, *(note.message for note in asked.turn.notes)]
        self._talk.notes.clear()
        if self._options.verbose:
            for note in notes:
                say(f"note: {note}", quiet=self._options.quiet)
        say(spent_said(asked, meter.usage), quiet=self._options.quiet or self._options.json)
        if self._live and meter.stopped:
            say(used_up_said(meter), quiet=self._options.quiet)
        else:
            stop_where_used_up(meter, quiet=self._options.quiet)

    def _show(self, answer: Answer, streamed: str) -> None:
        """The answer with its sources; what was streamed is not said again unless the check changed it."""
        if streamed:
            typer.echo()
        if streamed.strip() == answer.text.strip():
            print_sources(answer)
        else:
            print_answer(answer)
        typer.echo()

    def _obey(self, text: str) -> bool:
        """Does what a command says; False where it ends the conversation."""
        name, _, rest = text.partition(" ")
        wanted = COMMANDS.get(name, "")
        if wanted == "help":
            self._say("help")
        elif wanted == "sources":
            self._sources()
        elif wanted == "reset":
            self._talk.reset()
            self._say("reset")
        elif wanted == "forget":
            self._talk.forget()
            self._say("forgotten")
        elif wanted == "save":
            self._save(rest.strip())
        elif not wanted:
            self._say("unknown", name)
        return wanted != "quit"

    def _sources(self) -> None:
        answer = self._talk.last
        if answer is None or not answer.citations:
            self._say("no_sources")
        else:
            print_sources(answer)

    def _save(self, name: str) -> None:
        """Writes questions and answers as Markdown; a file that exists stays as it is."""
        file = Path(name).expanduser()
        text = "".join(
            f"**{question}**\n\n{answer}\n\n" for question, answer in self._talk.transcript
        )
        try:
            if not name:
                raise FileExistsError
            place = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        except OSError:
            self._say("save_where")
            return
        with os.fdopen(place, "w", encoding="utf-8") as out:
            out.write(text)
        self._say("saved", file)

    def _say(self, what: Said, *values: object) -> None:
        words = WORDS.get(self._lang, WORDS["en"])[what]
        say(words.format(*values), quiet=self._options.quiet)
