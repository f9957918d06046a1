"""Long commands run for a server: one at a time in a workspace, each a process of its own."""

from surefoot.run.jobs.folder import Line
from surefoot.run.jobs.jobs import Jobs

__all__ = ["Jobs", "Line"]
