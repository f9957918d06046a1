"""Pages of the web as sources: a list of URLs, a sitemap, a site."""

from surefoot.ingest.sources.web.site import SiteSettings, SiteSource
from surefoot.ingest.sources.web.sitemap import SitemapSettings, SitemapSource
from surefoot.ingest.sources.web.url import UrlSettings, UrlSource

__all__ = [
    "SiteSettings",
    "SiteSource",
    "SitemapSettings",
    "SitemapSource",
    "UrlSettings",
    "UrlSource",
]
