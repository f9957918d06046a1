"""What a server counts of its work, for Prometheus: no content, no user names, no keys."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from surefoot.core.types import Usage

_SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


class Metrics:
    """What a server counts; one a server, because several may live in a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter(
            "surefoot_requests", "Requests by route and status.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "surefoot_request_seconds",
            "Seconds until a reply was sent whole.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._tokens = Counter(
            "surefoot_tokens",
            "Tokens that models read and wrote.",
            ("kind",),
            registry=self.registry,
        )
        self._dollars = Counter(
            "surefoot_cost_dollars", "What chat models cost.", registry=self.registry
        )
        self._answers = Counter(
            "surefoot_answers", "Answers and refusals.", ("kind",), registry=self.registry
        )
        self._recalled = Counter(
            "surefoot_answer_cache",
            "Questions that an answer was kept for, and others.",
            ("result",),
            registry=self.registry,
        )
        self._syncs = Counter(
            "surefoot_syncs",
            "Syncs of documents, by how they ended.",
            ("result",),
            registry=self.registry,
        )
        self._sync_seconds = Counter(
            "surefoot_sync_seconds", "Seconds spent on syncs.", registry=self.registry
        )
        self._sync_failing = Gauge(
            "surefoot_sync_failing", "1 where the last sync failed.", registry=self.registry
        )
        self._waiting = Gauge(
            "surefoot_waiting", "Requests that are worked on or wait.", registry=self.registry
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request that has ended."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def used(self, usage: Usage) -> None:
        """Counts what models consumed."""
        self._tokens.labels("prompt").inc(usage.prompt_tokens)
        self._tokens.labels("completion").inc(usage.completion_tokens)
        self._tokens.labels("encoder").inc(usage.encoder_tokens)
        self._dollars.inc(usage.cost)

    def answered(self, *, refused: bool) -> None:
        """Counts an answer."""
        self._answers.labels("refusal" if refused else "answer").inc()

    def recalled(self, *, found: bool) -> None:
        """Counts a question that an answer was looked for among those that are kept."""
        self._recalled.labels("hit" if found else "miss").inc()

    def synced(self, *, failed: bool, seconds: float) -> None:
        """Counts a sync of a corpus."""
        self._syncs.labels("failed" if failed else "done").inc()
        self._sync_seconds.inc(seconds)
        self._sync_failing.set(int(failed))

    def text(self, waiting: int) -> str:
        """All of it in the text form of Prometheus."""
        self._waiting.set(waiting)
        return generate_latest(self.registry).decode()
