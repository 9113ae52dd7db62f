"""What a text links to on other sites: the sources that it names, the reports that it answers.

On the article's way: as an entry or a page is read, while its markup is still there. Two tellings of one event often
link to the same document, or one to the other; that they do is weighed with the story (:mod:`monitor.stories`). Nothing
is fetched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from itertools import islice

from monitor.feeds.urls import canonical_url, own_start, same_site

__all__ = ["hrefs", "links_out"]

_MOST = 20  # a text that names more is a list of links
_READ = 60  # ... and so many are looked at
_HREF = re.compile(
    r"""<a\s(?:[^<>"']|"[^"]*"|'[^']*'){0,40}?href\s*=\s*(?:"\s*(https?:[^"\s]{6,2048})|'\s*(https?:[^'\s]{6,2048})|"""
    r"""(https?:[^\s"'<>]{6,2048}))""",
    re.IGNORECASE,
)


def hrefs(markup: str) -> list[str]:
    """The whole addresses that a fragment of HTML links to, in their order; relative ones lead to its own site."""
    if "href" not in markup and "HREF" not in markup:
        return []
    return [html.unescape(link[1] or link[2] or link[3]) for link in islice(_HREF.finditer(markup), _READ)]


def links_out(links: Iterable[str], *sites: str) -> tuple[str, ...]:
    """Those of these addresses that lead to none of these sites, in one spelling, each once."""
    # Most links of most texts lead back to their own server, which their first letters tell.
    own = tuple(start for site in sites if (start := own_start(site)))
    found: dict[str, None] = {}
    for link in links:
        if link.startswith(own):
            continue
        plain = canonical_url(link)
        if plain and not any(same_site(plain, site) for site in sites if site):
            found.setdefault(plain)
            if len(found) == _MOST:
                break
    return tuple(found)
