"""Feeds that are local files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.fetch import HttpFetcher
from monitor.model import FetchFault, NotModified
from tests.fetch.asking import ask, failed, fetched

BODY = b"<rss/>"


def test_a_file_is_a_feed(fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A name is looked for in the config directory; the URL stays the feed's."""
    (tmp_path / "sample feed.xml").write_bytes(BODY)
    got = fetched(fetcher, "file:sample feed.xml")
    assert (got.url, got.status, got.body, got.content_type) == ("file:sample feed.xml", 200, BODY, "")


@pytest.mark.parametrize("form", ["file:{}", "file://{}", "file://localhost{}", "FILE:{}"])
def test_absolute_paths(fetcher: HttpFetcher, tmp_path: Path, form: str) -> None:
    """A whole path, plain or as a URL."""
    path = tmp_path / "a.xml"
    path.write_bytes(BODY)
    assert fetched(fetcher, form.format(path)).body == BODY


def test_a_files_url_is_decoded_in_its_long_form(fetcher: HttpFetcher, tmp_path: Path) -> None:
    """file:/// is a URL, so a space is %20 there."""
    (tmp_path / "a b.json").write_bytes(b"{}")
    got = fetched(fetcher, f"file://{tmp_path}/a%20b.json")
    assert (got.body, got.content_type) == (b"{}", "application/feed+json")


def test_an_unchanged_file_is_not_read_again(fetcher: HttpFetcher, tmp_path: Path) -> None:
    """The etag holds until the file is written, even with the same size, or replaced."""
    path = tmp_path / "a.xml"
    path.write_bytes(BODY)
    first = fetched(fetcher, "file:a.xml")
    assert fetcher.fetch(ask("file:a.xml", etag=first.etag)) == NotModified(url="file:a.xml", etag=first.etag)
    about = path.stat()
    path.write_bytes(b"<RSS/>")
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns + 1))
    second = fetched(fetcher, "file:a.xml", etag=first.etag)
    assert second.body == b"<RSS/>"
    other = tmp_path / "b.xml"
    other.write_bytes(b"<Rss/>")
    os.utime(other, ns=(about.st_atime_ns, about.st_mtime_ns + 1))
    other.replace(path)
    assert fetched(fetcher, "file:a.xml", etag=second.etag).body == b"<Rss/>"


def test_what_is_no_regular_file_is_not_opened_for_long(fetcher: HttpFetcher, tmp_path: Path) -> None:
    """A FIFO would wait for its writer, a device never ends, a directory holds no feed."""
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("pipe", "regular"), ("/dev/zero", "regular"), (".", "directory"), ("none.xml", "no file")):
        assert words in failed(fetcher, f"file:{name}", FetchFault.FILE).detail


def test_the_systems_reason_is_told(fetcher: HttpFetcher, tmp_path: Path) -> None:
    """Whatever keeps a file from being read stands in the failure."""
    (tmp_path / "a.xml").write_bytes(BODY)
    assert "not a directory" in failed(fetcher, "file:a.xml/b.xml", FetchFault.FILE).detail


def test_limits_hold_for_files(fetcher: HttpFetcher, tmp_path: Path) -> None:
    """The cap on bytes counts, and an empty file is an empty answer."""
    (tmp_path / "a.xml").write_bytes(bytes(11))
    failed(fetcher, "file:a.xml", FetchFault.TOO_LARGE, max_bytes=10)
    assert fetched(fetcher, "file:a.xml", max_bytes=11).body == bytes(11)
    (tmp_path / "empty.xml").write_bytes(b"")
    failed(fetcher, "file:empty.xml", FetchFault.BROKEN_BODY)


def test_a_name_that_can_be_none(fetcher: HttpFetcher) -> None:
    """No exception for what no file can be called."""
    failed(fetcher, "file:a\0b", FetchFault.BAD_URL)
