"""From a feed's bytes to articles, and when to look again.

On the article's way: between the fetch and T1. All of it is pure: bytes and times come in, values go out. It fetches
nothing, stores nothing, and reads no clock. Bytes from feeds are hostile; a caller that minds the time and the memory
that reading may take runs ``parse_feed`` in a process that it can end.
"""

from __future__ import annotations

from monitor.feeds.articles import make_articles
from monitor.feeds.conduct import (
    DISTRUST,
    Overlap,
    after_move,
    forget_move,
    older_page,
    overlap_of,
    settled_address,
    stuck,
    validators_for,
)
from monitor.feeds.dates import settle_published, understand_date
from monitor.feeds.discover import Place, places_in_page, places_in_robots, usual_places
from monitor.feeds.fulltext import whole_text
from monitor.feeds.identity import KeyReason, content_hash, identify
from monitor.feeds.languages import language_code
from monitor.feeds.markup import html_to_text
from monitor.feeds.opml import read_opml, write_opml
from monitor.feeds.page import extract_page
from monitor.feeds.parse import parse_feed
from monitor.feeds.push import LEASE, Intent, intent_of, lease_of, patience_after, renewal, signed_by
from monitor.feeds.recognise import Recognised, describe_record, other_key, recognise
from monitor.feeds.rhythm import learn, rate, silent_since
from monitor.feeds.robots import ALLOW_ALL, REFUSE_ALL, Robots, read_robots
from monitor.feeds.schedule import (
    USUAL_PRICE,
    CheckReason,
    Demand,
    NextCheck,
    demand_of,
    fair_price,
    looks_a_day,
    next_check,
)
from monitor.feeds.sitemap import sitemap_places
from monitor.feeds.urls import canonical_url, host_of

__all__ = [
    "ALLOW_ALL",
    "DISTRUST",
    "LEASE",
    "REFUSE_ALL",
    "USUAL_PRICE",
    "CheckReason",
    "Demand",
    "Intent",
    "KeyReason",
    "NextCheck",
    "Overlap",
    "Place",
    "Recognised",
    "Robots",
    "after_move",
    "canonical_url",
    "content_hash",
    "demand_of",
    "describe_record",
    "extract_page",
    "fair_price",
    "forget_move",
    "host_of",
    "html_to_text",
    "identify",
    "intent_of",
    "language_code",
    "learn",
    "lease_of",
    "looks_a_day",
    "make_articles",
    "next_check",
    "older_page",
    "other_key",
    "overlap_of",
    "parse_feed",
    "patience_after",
    "places_in_page",
    "places_in_robots",
    "rate",
    "read_opml",
    "read_robots",
    "recognise",
    "renewal",
    "settle_published",
    "settled_address",
    "signed_by",
    "silent_since",
    "sitemap_places",
    "stuck",
    "understand_date",
    "usual_places",
    "validators_for",
    "whole_text",
    "write_opml",
]
