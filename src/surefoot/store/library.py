"""Imports LanceDB without what only its REST client needs, which is more than half of what a cold start costs.

Measured with lancedb 0.40 under Python 3.11, processor time of the import: 1.6 s as it is, 0.55 s like this.

- `lancedb` takes model classes from `lance_namespace_urllib3_client.models`. To reach them Python runs that package's
  `__init__`, which imports some 200 REST calls and builds a pydantic schema for each. Nothing here makes those
  calls, so the `__init__` runs when something first asks for what it defines; submodules are imported as ever.
- The model classes build their pydantic schemas when first used (`defer_build`).
- Below Python 3.12 `lancedb` marks methods with the package `overrides`, which reads byte code to check each. From
  3.12 on it uses `typing.override`, which checks nothing; so it does here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

REST_CLIENT = "lance_namespace_urllib3_client"
_importing = RLock()


def lancedb() -> Any:
    """The package lancedb; quick where nothing has imported it before."""
    if "lancedb" in sys.modules:
        return import_module("lancedb")
    # Lance writes warning lines for harmless things; it reads this once, when it is imported.
    os.environ.setdefault("LANCEDB_LOG", "error")
    with _importing, _deferred_models(), _unchecked_overrides():
        leave_for_later(REST_CLIENT)
        return import_module("lancedb")


def leave_for_later(name: str) -> None:
    """Has the `__init__` of a package run at the first attribute that it lacks; one that is imported stays as it is.

    `from package.module import name` does not run it, `from package import module` does. `importlib.util.LazyLoader`
    would run it for both.
    """
    spec = None if name in sys.modules else find_spec(name)
    if spec is None or spec.loader is None or spec.submodule_search_locations is None:
        return
    loader, package = spec.loader, module_from_spec(spec)
    lock, begun = RLock(), False

    def ask(attribute: str) -> Any:
        nonlocal begun
        with lock:
            if not begun:
                begun = True
                loader.exec_module(package)
        try:
            return vars(package)[attribute]
        except KeyError:
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}") from None

    vars(package)["__getattr__"] = ask
    sys.modules[name] = package


@contextmanager
def _deferred_models() -> Iterator[None]:
    from pydantic import BaseModel

    former = BaseModel.model_config
    BaseModel.model_config = {**former, "defer_build": True}
    try:
        yield
    finally:
        BaseModel.model_config = former


@contextmanager
def _unchecked_overrides() -> Iterator[None]:
    former = sys.modules.get("overrides")
    if former is not None or sys.version_info >= (3, 12):
        yield
        return
    from typing_extensions import override

    stand_in = ModuleType("overrides")
    vars(stand_in).update(override=override, EnforceOverrides=type("EnforceOverrides", (), {}))
    sys.modules["overrides"] = stand_in
    try:
        yield
    finally:
        del sys.modules["overrides"]
