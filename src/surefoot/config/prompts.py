"""Prompts are files, one a language, with `{{name}}` placeholders. No code in them, and no silent gaps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from surefoot.core.digest import sha256_bytes
from surefoot.core.errors import ConfigError, MissingError

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
_NAME = re.compile(r"^[a-z0-9_-]+(/[a-z0-9_-]+)*$")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt text and the hash that names it."""

    name: str
    lang: str
    text: str

    @property
    def digest(self) -> str:
        """The sha256 of the text."""
        return sha256_bytes(self.text.encode())

    @property
    def placeholders(self) -> frozenset[str]:
        """The names that want a value."""
        return frozenset(_PLACEHOLDER.findall(self.text))

    def fill(self, values: Mapping[str, str]) -> str:
        """Puts the values into the placeholders, in one pass, so that a value's own braces stay text.

        Raises:
            ConfigError: a placeholder without value, or a value without placeholder.
        """
        wanted = self.placeholders
        if wanted != set(values):
            missing, unused = sorted(wanted - set(values)), sorted(set(values) - wanted)
            raise ConfigError(
                f"placeholders without a value: {missing}; values without a placeholder: {unused}",
                where=f"prompt {self.name}/{self.lang}",
            )
        return _PLACEHOLDER.sub(lambda match: values[match.group(1)], self.text)


class Prompts:
    """Finds prompts in the folders given (a workspace's own first), then among those that come with surefoot."""

    def __init__(self, folders: tuple[Path, ...] = ()) -> None:
        self._folders = folders

    def get(self, name: str, lang: str) -> Prompt:
        """The prompt in the language, English where there is none of that language."""
        if not _NAME.match(name):
            raise ConfigError(f"{name!r} is not a prompt name", hint="names look like answer/cited")
        packaged = resources.files("surefoot.config") / "data" / "prompts"
        for wanted in dict.fromkeys((lang, "en")):
            for root in (*self._folders, packaged):
                file = root.joinpath(*name.split("/"), f"{wanted}.md")
                if file.is_file():
                    return Prompt(name, wanted, file.read_text(encoding="utf-8").strip())
        raise MissingError(
            f"there is no prompt {name!r}", hint=f"add prompts/{name}/en.md to the workspace"
        )

    def beside(self, name: str) -> list[str]:
        """Other prompts in the same folder with the same placeholders, sorted: other wordings of the same."""
        found = self.get(name, "en")
        above, _, own = name.rpartition("/")
        packaged = resources.files("surefoot.config") / "data" / "prompts"
        for root in (*self._folders, packaged):
            folder = root.joinpath(*above.split("/")) if above else root
            if not folder.joinpath(own).is_dir():
                continue
            names = sorted(f"{above}/{one.name}".lstrip("/") for one in folder.iterdir())
            return [one for one in names if one != name and self._alike(one, found)]
        return []

    def _alike(self, name: str, other: Prompt) -> bool:
        try:
            return self.get(name, "en").placeholders == other.placeholders
        except (ConfigError, MissingError):
            return False

    def digest(self, name: str) -> str:
        """One hash over the prompt's texts in both languages."""
        return sha256_bytes(
            "\n".join(self.get(name, lang).digest for lang in ("en", "zh")).encode()
        )
