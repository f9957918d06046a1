"""A process that syncs a workspace and is killed where its environment says. Run by test_written_views.py.

python writing_child.py ROOT
"""

from __future__ import annotations

import sys

import surefoot

with surefoot.open(sys.argv[1]) as space:
    report = space.sync()
print(report.writing.asked, report.writing.left)
