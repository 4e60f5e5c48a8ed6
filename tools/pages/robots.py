"""What search engines may read: everything, and where the list of pages is."""

from __future__ import annotations

from tools.pages.site import Site

__all__ = ["write"]


def write(site: Site) -> None:
    """Add ``robots.txt``. The sitemap is named by its whole address, so without SITE_URL it is not.

    Crawlers look for the file at the root of a host; below a path it does no harm.
    """
    lines = ["User-agent: *", "Allow: /"]
    if site.address:
        lines += ["", f"Sitemap: {site.address}/sitemap.xml"]
    site.tree.put("robots.txt", "\n".join(lines) + "\n")
