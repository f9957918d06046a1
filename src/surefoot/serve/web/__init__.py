"""The web page: server-rendered screens over the public API, without anything from another host."""

from surefoot.serve.web.page import problem_page
from surefoot.serve.web.routes import ROUTERS

__all__ = ["ROUTERS", "problem_page"]
