"""what is known of all pages -> files for the whole site.

tree.py      the course tree that every page loads when a reader opens it
listings.py  the sitemap, the feed and robots.txt
pages.py     404.html, and redirects from former paths
aliases.py   a former path as a lesson writes it -> the file to put there
"""

from __future__ import annotations

from pipeline.sitewide.aliases import alias_target
from pipeline.sitewide.listings import render_feed, render_robots, render_sitemap
from pipeline.sitewide.pages import render_missing, render_redirect
from pipeline.sitewide.tree import render_tree

__all__ = [
    "alias_target",
    "render_feed",
    "render_missing",
    "render_redirect",
    "render_robots",
    "render_sitemap",
    "render_tree",
]
