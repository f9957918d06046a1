"""Who asks: from the key of a request to a tenant, rights and limits. No route is reached without it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from surefoot.core.types import Asker, Usage
from surefoot.run.workspace import Workspace
from surefoot.serve.problems import Refused
from surefoot.serve.sessions import Sessions
from surefoot.serve.tenants import Tenant, Tenants
from surefoot.store.audit import AuditLine
from surefoot.store.keys import ApiKey, Scope

BEARER = HTTPBearer(
    auto_error=False, description="A key of `surefoot keys create`, where keys are on."
)
"""Only describes; `Door` decides."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A tenant and who asks there; without a key it is the owner at the machine."""

    tenant: Tenant
    key: ApiKey | None = None

    @property
    def asker(self) -> Asker:
        """Whose rights every search and every document is filtered by."""
        if self.key is None:
            return Asker()
        named = bool(self.key.user or self.key.groups)
        trusted = "admin" in self.key.scopes and not named
        return Asker(self.key.user or None, self.key.groups, trusted=trusted)

    @property
    def name(self) -> str:
        """What audit and caches call it."""
        return self.key.id if self.key else "owner"

    @property
    def model(self) -> str:
        """The solution that answers where a request names none; empty is the workspace's own."""
        return self.key.solution if self.key else ""

    def using(self, model: str = "") -> AbstractContextManager[Workspace]:
        """`Tenant.using` with this model, or the key's where none is named."""
        return self.tenant.using(model or self.model)

    def require(self, scope: Scope) -> None:
        """Raises Refused (403) where the key is not for this."""
        if self.key is not None and not self.key.may(scope):
            raise Refused(403, f"this key is not for {scope}", code="scope")


class Door:
    """Finds the principal of a request."""

    def __init__(self, tenants: Tenants, *, required: bool, now_ns: Callable[[], int]) -> None:
        self._tenants = tenants
        self._required = required
        self.now_ns = now_ns
        self.sessions = Sessions()

    @property
    def keys_on(self) -> bool:
        """Whether a key is needed: it was asked for, there are several tenants, or somebody made keys."""
        if self._required or len(self._tenants.all) > 1:
            return True
        return any(tenant.keys.all() for tenant in self._tenants.all)

    def principal(self, token: str) -> Principal:
        """Who has this token.

        Raises:
            Refused: 401, a key is needed and this is none; 429, its day's limit is used up.
        """
        if token:
            for tenant in self._tenants.all:
                key = tenant.keys.find(token, self.now_ns())
                if key is not None:
                    self._check_day(tenant, key)
                    return Principal(tenant, key)
        if self.keys_on:
            text = "the key is not valid" if token else "a key is needed: Authorization: Bearer KEY"
            raise Refused(401, text, code="invalid_api_key")
        return Principal(self._tenants.all[0])

    def seated(self, session: str) -> Principal:
        """Who signed in with this session; raises as `principal`, also where it is over."""
        found = self.sessions.find(session) if session else None
        for tenant in self._tenants.all:
            if found is None or tenant.name != found.tenant:
                continue
            key = tenant.keys.get(found.key_id)
            if found.holds(key, self.now_ns()):
                self._check_day(tenant, key)
                return Principal(tenant, key)
        if found is not None:
            self.sessions.end(session)
        return self.principal("")

    def sign_in(self, token: str) -> str:
        """The session of a browser that shows this key, empty where no key is needed; raises as `principal`."""
        who = self.principal(token)
        if who.key is None:
            return ""
        return self.sessions.begin(who.tenant.name, who.key, self.now_ns())

    def count(self, principal: Principal, usage: Usage) -> None:
        """Counts what a request used on its key."""
        if principal.key is not None:
            tokens = usage.prompt_tokens + usage.completion_tokens + usage.encoder_tokens
            principal.tenant.keys.count(
                principal.key.id, self.now_ns(), tokens=tokens, dollars=usage.cost
            )

    def note(self, principal: Principal | None, line: AuditLine) -> None:
        """Writes a request down, with its tenant; those that nobody was found for are the first one's."""
        tenant = principal.tenant if principal else self._tenants.all[0]
        tenant.audit.write(line)

    def _check_day(self, tenant: Tenant, key: ApiKey) -> None:
        limits = key.limits
        if limits.tokens is None and limits.dollars is None:
            return
        used = tenant.keys.used(key.id, self.now_ns())
        if limits.tokens is not None and used.tokens >= limits.tokens:
            raise Refused(429, "the tokens of this key for today are used up", code="tokens")
        if limits.dollars is not None and used.dollars >= limits.dollars:
            raise Refused(429, "the money of this key for today is used up", code="dollars")


def principal_of(request: Request) -> Principal:
    """Who asks; the gate has put it there."""
    found: Principal = request.state.who
    return found


Who = Annotated[Principal, Depends(principal_of)]
"""The parameter of a route that wants to know who asks."""
