"""``monitor feeds``: the sources, their health, and looking into one."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import click

from monitor import __version__
from monitor.app import Discovery
from monitor.cli.common import (
    Failed,
    config_option,
    directories,
    has_database,
    json_option,
    open_config,
    open_store,
    plain,
    print_json,
    print_table,
    quiet_logs,
    unknown,
)
from monitor.cli.health import schedule_lines, subscription_facts, subscription_line
from monitor.clock import SystemClock
from monitor.config import add_feeds
from monitor.feeds import canonical_url, describe_record, parse_feed, read_opml, write_opml
from monitor.fetch import HttpFetcher
from monitor.model import Feed, Fetched, FetchFailed, FetchRequest, NotModified, ParsedFeed, ParsedPage, Settings
from monitor.parsing import ProcessParser
from monitor.showing import ailments
from monitor.text import decide_language


@click.group()
def feeds() -> None:
    """List, add, import, export and look into feeds."""


@feeds.command("list")
@directories
@json_option
def list_feeds(config_dir: Path, state_dir: Path, as_json: bool) -> None:
    """List the configured feeds with how each stands: last look, failures, articles."""
    config = open_config(config_dir)
    states = {}
    if has_database(state_dir):
        with open_store(state_dir) as store:
            states = {state.url: state for state in store.feeds()}
    rows = []
    for feed in config.feeds:
        state = states.get(feed.url)
        rows.append(
            {
                "url": feed.url,
                "name": feed.name or (state.title if state else ""),
                "language": feed.language,
                "tags": feed.tags,
                "enabled": feed.enabled,
                "last_ok": state.last_ok if state else None,
                "next_check": state.next_check if state else None,
                "failures": state.failures if state else 0,
                "error": state.error if state else "",
                "articles": state.articles if state else 0,
            }
        )
    if as_json:
        print_json(rows)
        return
    print_table(
        "",
        ("name", "lang", "articles", "last success", "failures", "url"),
        ([row[key] for key in ("name", "language", "articles", "last_ok", "failures", "url")] for row in rows),
    )


@feeds.command(
    epilog="""\b
Examples:
  monitor feeds show https://example.org/rss.xml
"""
)
@click.argument("url")
@click.option("--limit", default=20, show_default=True, help="So many of its entries.")
@directories
@json_option
def show(url: str, limit: int, config_dir: Path, state_dir: Path, as_json: bool) -> None:
    """Show what is known of one feed: its state, how its identifiers do, and how each entry was recognised."""
    config = open_config(config_dir)
    with open_store(state_dir) as store:
        state = next((state for state in store.feeds() if canonical_url(state.url) == canonical_url(url)), None)
        if state is None:
            raise unknown("feed", url, [feed.url for feed in config.feeds])
        entries = store.feed_entries(state.url, limit)
        pushing = [one for one in store.subscriptions() if one.feed == state.url]
    now = SystemClock().now()
    identity = describe_record(state.identity, [entry.key_reason for entry in entries])
    if as_json:
        wrong = [{"kind": kind, "detail": words} for kind, words in ailments(state, now)]
        subscriptions = [subscription_facts(one) for one in pushing]
        print_json(
            {
                "feed": state,
                "identity": identity,
                "ailments": wrong,
                "subscriptions": subscriptions,
                "entries": entries,
            }
        )
        return
    click.echo(plain(f"{state.name or state.title or state.url}\n{state.url}"))
    for name, value in (
        ("last success", state.last_ok),
        ("last new", state.last_new),
        ("entries", state.entries),
        ("identity", identity),
    ):
        if value is not None:
            click.echo(plain(f"{name}: {value}"))
    for line in (*schedule_lines(state, now), *map(subscription_line, pushing)):
        click.echo(plain(line))
    print_table(
        "",
        ("article", "key by", "taken for", "page", "title", "key"),
        ((e.article, e.key_reason, e.reason, e.page, e.title, e.key) for e in entries),
    )


@feeds.command(
    epilog="""\b
Examples:
  monitor feeds discover https://example.org/
"""
)
@click.argument("url")
@click.option("--allow-private", is_flag=True, help="It may lie on this machine or in the local network.")
@config_option
@json_option
def discover(url: str, allow_private: bool, config_dir: Path, as_json: bool) -> None:
    """Look for the feeds of the site at URL: those its page names, the usual places, its news sitemaps."""
    quiet_logs()
    settings = Settings()
    url = url if "://" in url else f"https://{url}"
    fetcher = HttpFetcher(settings, SystemClock(), __version__, config_dir)
    parser = ProcessParser(settings)
    try:
        search = Discovery(fetcher=fetcher, parser=parser, settings=settings, allow_private=allow_private)
        found, trouble = search.search(url)
    finally:
        fetcher.close()
        parser.close()
    if trouble is not None:
        raise Failed(f"{url} could not be read: {trouble.told('--allow-private')}")
    if as_json:
        print_json(found)
    elif found:
        columns = ("title", "format", "lang", "entries", "newest", "found by", "url")
        rows = ((f.title, f.format, f.language, f.entries, f.newest, f.found_by, f.url) for f in found)
        print_table("", columns, rows)
        click.echo("add one with: monitor feeds add URL")
    if not found:
        raise Failed(f"no feed was found at {url}")


@feeds.command(
    "add",
    epilog="""\b
Examples:
  monitor feeds add https://example.org/rss.xml --name "Example" --tag world
  monitor feeds add https://intranet.example/feed --allow-private
""",
)
@click.argument("url")
@click.option("--name", default="", help="How the source is shown; else the feed's own title.")
@click.option("--language", help="Its language (fr, ar ...), for texts whose own is in doubt.")
@click.option("--tag", "tags", multiple=True, help="A tag; may be given several times.")
@click.option("--unchecked", is_flag=True, help="Add it without looking whether it is a feed.")
@click.option("--allow-private", is_flag=True, help="It may lie on this machine or in the local network.")
@config_option
def add(
    url: str,
    name: str,
    language: str | None,
    tags: tuple[str, ...],
    unchecked: bool,
    allow_private: bool,
    config_dir: Path,
) -> None:
    """Add the feed at URL to feeds.toml, after a look at it. The running service takes it up by itself."""
    config = open_config(config_dir)
    if any(canonical_url(feed.url) == canonical_url(url) for feed in config.feeds if feed.url.startswith("http")):
        raise Failed(f"{url} is in the config already")
    if not unchecked:
        quiet_logs(config)
        parsed = _look(url, config.settings, config.root, allow_private=allow_private)
        click.echo(f"{plain(parsed.title) or url}: {len(parsed.entries)} entries, {parsed.format}")
        name = name or parsed.title
        language = language or parsed.language
    feed = Feed(url=url, name=name, language=language, tags=tags, allow_private=allow_private)
    added = add_feeds(config_dir, [feed], env=os.environ)
    click.echo(f"added to {added}")


@feeds.command(
    "import",
    epilog="""\b
Examples:
  monitor feeds import subscriptions.opml
""",
)
@click.argument("opml", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@config_option
def import_opml(opml: Path, config_dir: Path) -> None:
    """Add the feeds of an OPML file to feeds.toml; folders become tags, known feeds are passed over."""
    config = open_config(config_dir)
    known = {canonical_url(feed.url) or feed.url for feed in config.feeds}
    fresh: list[Feed] = []
    read = read_opml(opml.read_bytes())
    for feed in read:
        identity = canonical_url(feed.url) or feed.url
        if identity not in known:
            known.add(identity)
            fresh.append(feed)
    if fresh:
        add_feeds(config_dir, fresh, env=os.environ)
    click.echo(f"{len(fresh)} feeds added, {len(read) - len(fresh)} were there already")


@feeds.command("export")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@config_option
def export(file: Path | None, config_dir: Path) -> None:
    """Write the feeds as OPML to FILE, or to standard output."""
    config = open_config(config_dir)
    opml = write_opml(tuple(feed for feed in config.feeds if feed.url.startswith("http")), "News watch")
    if file is None or str(file) == "-":
        click.echo(opml)
    else:
        file.write_text(opml, encoding="utf-8")


@feeds.command(
    epilog="""\b
Examples:
  monitor feeds parse https://example.org/rss.xml
  monitor feeds parse recorded.xml --json
"""
)
@click.argument("source")
@config_option
@json_option
def parse(source: str, config_dir: Path, as_json: bool) -> None:
    """Read the feed in the file or at the URL SOURCE the way the service does, and print what is in it."""
    quiet_logs()
    parsed = _look(source, Settings(), config_dir)
    if as_json:
        print_json(
            {
                "format": parsed.format,
                "encoding": parsed.encoding,
                "title": parsed.title,
                "entries": [
                    {
                        "id": entry.guid,
                        "url": entry.url,
                        "title": entry.title,
                        "text": entry.text,
                        "author": entry.author,
                        "published": entry.published,
                        "published_raw": entry.published_raw,
                        "language": entry.language or parsed.language,
                    }
                    for entry in parsed.entries
                ],
                "problems": parsed.problems,
            }
        )
        return
    click.echo(f"{plain(parsed.title)} ({parsed.format}, {parsed.encoding}): {len(parsed.entries)} entries")
    for problem in parsed.problems:
        click.echo(f"problem: {plain(problem)}")
    rows = ((entry.published, entry.title, entry.url) for entry in parsed.entries)
    print_table("", ("published", "title", "url"), rows)


@feeds.command(
    epilog="""\b
Examples:
  monitor feeds extract https://example.org/2024/article.html
  monitor feeds extract saved.html --url https://example.org/2024/article.html --json
"""
)
@click.argument("source")
@click.option("--url", default="", help="The page's address, where SOURCE is a file.")
@config_option
@json_option
def extract(source: str, url: str, config_dir: Path, as_json: bool) -> None:
    """Find the article in the web page in the file or at the URL SOURCE the way the service does, and print it."""
    quiet_logs()
    page = _page(source, url, Settings(), config_dir)
    language = decide_language(page.title, page.text, hint=page.language).code
    if as_json:
        print_json(
            {
                "title": page.title,
                "text": page.text,
                "language": language,
                "canonical_url": page.canonical_url,
                "published": page.published,
                "doubts": page.doubts,
                "usable": page.usable,
            }
        )
    else:
        click.echo(plain(f"{page.title}\n{page.canonical_url} ({language}, {page.published or 'undated'})"))
        for doubt in page.doubts:
            click.echo(plain(f"doubt: {doubt}"))
        click.echo(plain(page.text))
    if not page.usable:
        raise Failed(f"{source}: its text does not stand for the article: {'; '.join(page.doubts)}")


def _page(source: str, url: str, settings: Settings, config_dir: Path) -> ParsedPage:
    parser = ProcessParser(settings)
    fetcher = HttpFetcher(settings, SystemClock(), __version__, config_dir)
    try:
        if source.startswith(("http://", "https://")):
            fetched = fetcher.fetch(FetchRequest(url=source, deadline=settings.fetch_deadline))
            if not isinstance(fetched, Fetched):
                raise Failed(f"{source} could not be read: {_not_fetched(fetched)}")
            page = parser.extract(fetched.body, content_type=fetched.content_type, url=url or fetched.url)
        else:
            page = parser.extract(_file(source), content_type="", url=url)
        if isinstance(page, FetchFailed):
            raise Failed(f"{source}: {page.detail}")
        return page
    finally:
        fetcher.close()
        parser.close()


def _file(source: str) -> bytes:
    try:
        body = Path(source).read_bytes()
    except OSError as error:
        raise Failed(f"{source} can't be read: {error.strerror}") from error
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def _not_fetched(fetched: FetchFailed | NotModified, *, permit: bool = False) -> str:
    """What came of a fetch that brought nothing; ``permit``: the command takes --allow-private."""
    if isinstance(fetched, NotModified):
        return "nothing came"
    return fetched.told("--allow-private") if permit else fetched.detail


def _look(source: str, settings: Settings, config_dir: Path, *, allow_private: bool | None = None) -> ParsedFeed:
    """The feed as it is read now. ``allow_private``: what the person said of private addresses, who could say so."""
    if not source.startswith(("http://", "https://", "file:")):
        return parse_feed(_file(source), content_type="", url="", max_entries=settings.max_entries)
    fetcher = HttpFetcher(settings, SystemClock(), __version__, config_dir)
    parser = ProcessParser(settings)
    try:
        request = FetchRequest(url=source, deadline=settings.fetch_deadline, allow_private=bool(allow_private))
        fetched = fetcher.fetch(request)
        if not isinstance(fetched, Fetched):
            raise Failed(f"{source} could not be read: {_not_fetched(fetched, permit=allow_private is False)}")
        parsed = parser.parse(fetched.body, content_type=fetched.content_type, url=fetched.url)
        if isinstance(parsed, FetchFailed):
            hint = f"; its feeds are looked for by: monitor feeds discover {source}" if "HTML" in parsed.detail else ""
            raise Failed(f"{source}: {parsed.detail}{hint}")
        return parsed
    finally:
        fetcher.close()
        parser.close()
