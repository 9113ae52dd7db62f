"""``feeds discover``: the feeds of a site on loopback, through the real program."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import item, monitor, monitor_json, rss, serve_documents

NEWS = (
    b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.example/1</loc>'
    b"<news:news><news:publication><news:name>The Courier</news:name><news:language>en</news:language></news:publication><news:publication_date>2024-01-02</news:publication_date>"
    b"<news:title>Ferry</news:title></news:news></url></urlset>"
)  # fmt: skip


@pytest.fixture
def site():
    documents = {
        "/": b'<html><head><link rel="alternate" type="application/rss+xml" href="/main"></head><body><a href="/other/rss">RSS</a><a href="/gone/rss">RSS</a></body></html>',
        "/main": rss(
            item("Flood", link="https://a.example/f", guid="1", date="Tue, 02 Jan 2024 03:04:05 GMT"),
            title="Main",
            language="fr",
        ),
        "/copy": b"",
        "/other/rss": rss(item("Storm", guid="2"), title="Other"),
        "/robots.txt": b"",
        "/index.xml": b"",
        "/news.xml": NEWS,
        "/plain": b"<html><body>Nothing</body></html>",
    }
    with serve_documents(documents) as server:
        documents["/copy"] = documents["/main"]
        documents["/robots.txt"] = f"Sitemap: {server.url('/map.xml')}".encode()
        yield server, documents


def found(server, path: str, tmp_path: Path, *, expect: int = 0):
    return monitor_json("feeds", "discover", server.url(path), "--allow-private", "--config", tmp_path, expect=expect)


def test_stated_named_and_sitemap_feeds_are_found_and_described(site, tmp_path: Path) -> None:
    server, documents = site
    server.server.route("/map.xml", lambda peer: peer.send(b""))
    index = f"<sitemapindex><sitemap><loc>{server.url('/pages.xml')}</loc></sitemap><sitemap><loc>{server.url('/news.xml')}</loc></sitemap></sitemapindex>"
    documents["/robots.txt"] = f"Sitemap: {server.url('/index.xml')}".encode()
    documents["/index.xml"] = index.encode()
    rows = found(server, "/", tmp_path)
    assert [(row["title"], row["format"], row["entries"], row["found_by"]) for row in rows] == [
        ("Main", "rss", 1, "link"), ("Other", "rss", 1, "named in the page"), ("The Courier", "sitemap", 1, "sitemap"),
    ]  # fmt: skip
    assert (rows[0]["language"], rows[0]["newest"]) == ("fr", "2024-01-02T03:04:05+00:00")
    assert server.requests("/pages.xml") == []
    said = monitor("feeds", "discover", server.url("/"), "--allow-private", "--config", tmp_path)
    assert "The Courier" in said.stdout


def test_an_address_that_is_a_feed_is_found_at_once(site, tmp_path: Path) -> None:
    server, _ = site
    assert [row["found_by"] for row in found(server, "/main", tmp_path)] == ["the address itself"]
    assert len(server.server.requests) == 1


def test_without_a_word_in_the_page_the_usual_places_are_tried_once_each(site, tmp_path: Path) -> None:
    server, documents = site
    for path in ("/plain/rss.xml", "/feed.xml"):
        server.server.route(
            path, lambda peer: peer.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + documents["/main"])
        )
    assert [row["found_by"] for row in found(server, "/plain", tmp_path)] == [
        "a usual place"
    ]  # the same feed twice is one
    asked = [seen.path for seen in server.server.requests]
    assert (len(asked), len(set(asked))) == (len(asked), len(asked))


def test_nothing_found_and_nothing_there_are_told_apart(site, tmp_path: Path) -> None:
    server, _ = site
    server.server.route("/robots.txt", lambda peer: peer.send(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"))
    assert found(server, "/plain", tmp_path, expect=1) == []
    missing = monitor("feeds", "discover", server.url("/none"), "--allow-private", "--config", tmp_path)
    assert (missing.returncode, "answered 404" in missing.stderr) == (1, True)
    private = monitor("feeds", "discover", server.url("/"), "--config", tmp_path)
    assert (private.returncode, "could not be read" in private.stderr) == (1, True)


def test_of_a_private_address_the_option_that_permits_it_is_named(site, tmp_path: Path) -> None:
    server, _ = site
    refused = monitor("feeds", "discover", server.url("/"), "--config", tmp_path)
    assert refused.returncode == 1
    assert "(--allow-private permits private addresses)" in refused.stderr
    assert "allow_private" not in refused.stderr
