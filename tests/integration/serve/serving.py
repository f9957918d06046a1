"""A real server on a free loopback port, over a small workspace in two languages."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

import surefoot
from surefoot.config.settings import AppSettings, load_settings
from surefoot.serve.app import make_app
from surefoot.serve.tenants import Tenant, Tenants

SOLUTION = """schema = 1
name = "house"
[corpus]
sources = [
    { kind = "folder", path = "docs", name = "docs" },
    { kind = "folder", path = "staff", name = "staff", groups = ["staff"] },
]
embed = { kind = "hash" }
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
refuse = { threshold = 0 }
"""
TEXTS = {
    "docs/refunds.md": "# Refunds\n\nRefunds are paid within 30 days after the goods came back.\n",
    "docs/退款.md": "# 退款\n\n退款在收到退货后三十天内支付。\n",
    "docs/opening.md": "# Opening hours\n\nThe shop opens at nine o'clock on Mondays.\n",
    "staff/salaries.md": "# Salaries\n\nSalaries are paid on the 25th day of the month.\n",
}


@dataclass(frozen=True)
class Running:
    """A server that runs: its address and its tenants."""

    url: str
    tenants: Tenants

    @property
    def tenant(self) -> Tenant:
        return self.tenants.all[0]

    def key(self, *scopes: str, user: str = "", groups: tuple[str, ...] = ()) -> str:
        """A new key of the first tenant."""
        from dataclasses import replace

        book = self.tenant.keys
        key, token = book.create("test", scopes or ("ask", "search"), time.time_ns())
        book.change(replace(key, user=user, groups=groups))
        return token


def make_space(root: Path, solution: str = SOLUTION) -> Path:
    root.mkdir(parents=True)
    (root / "surefoot.toml").write_text(solution, encoding="utf-8")
    for name, text in TEXTS.items():
        file = root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    with surefoot.open(root) as space:
        report = space.sync()
    assert not report.problems
    return root


@contextmanager
def running(
    *roots: Path,
    keys: bool = False,
    log: Callable[[str], None] | None = None,
    **changes: object,
) -> Iterator[Running]:
    """Serves these workspaces until the block ends."""
    settings: AppSettings = load_settings(workspace=roots[0]).settings.model_copy(update=changes)
    tenants = Tenants([Tenant(root) for root in roots])
    app = make_app(tenants, settings, keys=keys, log=log)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for _ in range(600):
        try:
            httpx.get(f"{url}/healthz", timeout=1)
            break
        except httpx.HTTPError:
            time.sleep(0.05)
    try:
        yield Running(url, tenants)
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the server did not end"
