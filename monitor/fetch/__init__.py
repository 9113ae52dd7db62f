"""Brings the bytes of a feed: HTTP that is conditional, bounded and guarded, and local files.

On the article's way: the first step, between a due feed and the parser. Every way in which the network, a server or a
file can fail comes back as a value (``FetchFailed``), with words for people and without secrets.

It does not decide when a feed is due, does not read what the bytes mean, and stores nothing.
"""

from monitor.fetch.fetcher import HttpFetcher

__all__ = ["HttpFetcher"]
