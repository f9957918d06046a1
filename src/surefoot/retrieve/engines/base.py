"""What engines share: their settings, and the way to an address. Knows no engine's own language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from surefoot.config.base import Incidental, KeyName, PartSettings
from surefoot.models.base import ModelEnv
from surefoot.models.http import Address, Auth, JsonClient, Patience, refuse_offline

if TYPE_CHECKING:
    from surefoot.core.roles import Call, Encoder
    from surefoot.core.types import Asker

OpenEncoder = Callable[[], "Encoder"]

_ATTEMPTS = 2  # a question waits for it
_MEGABYTE = 1_048_576


class EngineSettings(PartSettings):
    """What every engine has: a name, how much is taken of it and counts, and who may use it."""

    name: str = Field(
        default="",
        pattern=r"^[\w.-]*$",
        description="what hits, notes and traces call it; empty = its kind",
    )
    limit: PositiveInt = Field(default=10, description="passages that it contributes")
    weight: PositiveFloat = Field(
        default=1.0, description="what it counts in the fused score beside the others"
    )
    max_chars: PositiveInt = Field(
        default=1500,
        description="of a longer text, the part of so many characters that has most of the question's words",
    )
    users: tuple[str, ...] = Field(
        default=(), description="who may use it; with no users and no groups, everyone may"
    )
    groups: tuple[str, ...] = Field(default=(), description="groups whose members may use it")
    timeout_s: Annotated[PositiveFloat, Incidental()] = Field(
        default=5.0, description="seconds until it is left out, a second attempt included"
    )

    @property
    def called(self) -> str:
        """Its name."""
        return self.name or self.kind

    def open_to(self, asker: Asker) -> bool:
        """Whether it may be asked for this asker; the owner at the machine may use all."""
        if asker.is_owner:
            return True
        if not self.users and not self.groups:
            return True
        return asker.user in self.users or not set(asker.groups).isdisjoint(self.groups)


class RemoteSettings(EngineSettings):
    """An engine behind an address."""

    base_url: str = Field(pattern=r"^https?://[^\s@?#]+$", description="holds no key")
    key: Annotated[KeyName, Incidental()] = Field(
        default="", description='"env:VAR": the environment variable that holds the key'
    )
    auth: Annotated[Auth, Incidental()] = Field(
        default="bearer", description='how the key is sent; for basic it reads "user:password"'
    )
    max_mb: Annotated[PositiveInt, Incidental()] = Field(
        default=4, description="megabytes that a reply may have"
    )


def connect(settings: RemoteSettings, env: ModelEnv, key_header: str = "") -> JsonClient:
    """A client for the engine's address.

    Raises:
        MissingError: it is on the network, and the network is off.
        ConfigError: the variable of its key is not set.
    """
    if env.offline:
        refuse_offline(settings.base_url, settings.called)
    address = Address(
        settings.base_url,
        settings.called,
        settings.key,
        settings.timeout_s,
        settings.auth,
        key_header,
    )
    return JsonClient(address, patience=Patience(_ATTEMPTS, settings.max_mb * _MEGABYTE))


def seconds_left(call: Call, settings: EngineSettings) -> float:
    """How long the engine may take: its own limit, or what is left of the question's time."""
    if call.deadline_s is None:
        return settings.timeout_s
    return min(settings.timeout_s, call.deadline_s - call.clock())
