"""No dependency, direct or not, is under the GPL or AGPL."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement

STRONG_COPYLEFT = re.compile(r"\bA?GPL|Affero|GNU General Public", re.IGNORECASE)
WEAK = re.compile(r"LGPL|Lesser", re.IGNORECASE)


def test_no_dependency_is_gpl():
    offenders = {}
    for name in _closure("surefoot"):
        found = _licence(name)
        if STRONG_COPYLEFT.search(found) and not WEAK.search(found):
            offenders[name] = found
    assert offenders == {}


def _closure(root: str) -> set[str]:
    seen: set[str] = set()
    todo = [root]
    while todo:
        name = todo.pop()
        try:
            requires = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        seen.add(name)
        for line in requires:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                lowered = requirement.name.lower()
                if lowered not in seen:
                    todo.append(lowered)
    assert len(seen) > 20, "the closure of the dependencies was not found"
    return seen


def _licence(name: str) -> str:
    meta = distribution(name).metadata
    classifiers = [c for c in meta.get_all("Classifier") or [] if c.startswith("License")]
    expression = meta.get("License-Expression") or ""
    text = (meta.get("License") or "").splitlines()[:1]
    return " ".join([expression, *classifiers, *text])
