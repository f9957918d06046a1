"""What is being streamed, by its id, so that whoever began it may stop it from another connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event, Lock

from surefoot.serve.who import Principal


@dataclass(frozen=True, slots=True)
class _Running:
    who: Principal
    stopped: Event


@dataclass(slots=True)
class Streams:
    """Those of this server. Safe to use from several threads."""

    _held: dict[str, _Running] = field(default_factory=dict, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def begin(self, id: str, who: Principal) -> Event:
        """A stream begins; the event is set when it is to stop."""
        made = _Running(who, Event())
        with self._lock:
            self._held[id] = made
        return made.stopped

    def stop(self, id: str, who: Principal) -> bool:
        """Has one stop; False where none of this id runs that is the principal's, or that the owner sees."""
        with self._lock:
            found = self._held.get(id)
            if found is None or found.who.tenant is not who.tenant:
                return False
            if not (who.asker.is_owner or found.who.name == who.name):
                return False
            found.stopped.set()
        return True

    def end(self, id: str) -> bool:
        """One has ended and cannot be stopped any more; whether it was."""
        with self._lock:
            found = self._held.pop(id, None)
        return found is not None and found.stopped.is_set()
