"""The console of a running service, over real HTTP: what it shows, what it never shows, and whom it does not answer."""

from __future__ import annotations

import http.client
import json
import re
import socket
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from hostile import HOSTILE
from program import Running, monitor, monitor_json, query, rss, serve_documents, service, write_config
from program import item as rss_item

SECRET = "s3cret-of-the-desk"
TAGS = re.compile(
    r"html|head|meta|title|link|body|header|nav|a|form|input|button|main|section|h1|h2|h3|p|dl|div|dt|dd|span|bdi|table"
    r"|thead|tr|th|tbody|td|article|blockquote|mark|time|footer|code|pre|ul|li|br"
)
ATTRIBUTES = re.compile(
    r"lang|charset|name|content|rel|href|class|action|method|type|aria-label|placeholder|maxlength|dir|datetime|title"
    r"|data-of"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Shown(HTMLParser):
    """What a browser would make of a page: its words, its tags, where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "a":
            self.links.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words += data


def ask(port: int, path: str, *, method: str = "GET", host: str | None = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest(method, path, skip_host=host is not None)
    if host:
        connection.putheader("Host", host)
    connection.endheaders()
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return Answer(response.status, dict(response.headers), text)


@dataclass
class Watched:
    """A running service with a console, and what it watches."""

    running: Running
    port: int
    config: Path
    state: Path
    documents: dict[str, bytes]
    answers: list[Answer] = field(default_factory=list)

    def ask(self, path: str, *, method: str = "GET", host: str | None = None) -> Answer:
        answer = ask(self.port, path, method=method, host=host)
        self.answers.append(answer)
        return answer

    def page(self, path: str) -> Shown:
        answer = self.ask(path)
        assert answer.status == 200, (path, answer)
        return Shown(answer.text)


WATCHES = """
[[watch]]
name = "Flood"
any = ["flood"]
channels = ["log", "desk"]
stories = false
[[watch]]
name = "Fire & <Smoke>"
any = ["fire"]
channels = ["log"]
"""
# A port that nobody listens at: each try to send fails.
DESK = '[desk]\nurl = "json://desk:${env:DESK_SECRET}@127.0.0.1:9/x?key=${env:DESK_SECRET}"\nallow_private = true\n'


@contextmanager
def watched(tmp_path: Path, documents: dict[str, bytes], *, alerts: int, settings: str = "") -> Iterator[Watched]:
    port = free_port()
    with pytest.MonkeyPatch.context() as patch, serve_documents(documents) as site:
        patch.setenv("DESK_SECRET", SECRET)
        config = write_config(
            tmp_path / "config",
            feeds=[*map(site.url, documents), site.url("/gone")],
            watches=WATCHES,
            channels=DESK,
            settings=f'console_listen = "127.0.0.1:{port}"\n{settings}',
        )
        with service(config, tmp_path / "state") as running:
            running.wait_for(lambda: running.events("console_listening"))
            running.wait_for(lambda: len(running.alerts()) >= alerts, seconds=60)
            yield Watched(running, port, config, tmp_path / "state", documents)
            assert running.stop() == 0
            assert not running.events("console_fault")


NEWS = rss(
    rss_item("Flood in the delta", "The river rose and the flood came near.", link="https://a.example/1"),
    rss_item("فيضان flood في الدلتا", "ارتفع النهر", link="https://a.example/2"),
    rss_item("Calm day", "Nothing happened.", link="https://a.example/3"),
)


def test_every_page_answers_and_tells_what_the_commands_tell(tmp_path: Path) -> None:
    """Overview, alerts, story, article, feeds, deliveries; a bad edit is shown on each; the secret is on none."""
    with watched(tmp_path, {"/feed": NEWS}, alerts=2) as here:
        both = ("--config", here.config, "--state", here.state)
        here.running.wait_for(lambda: here.running.events("delivery_pending"))
        here.running.wait_for(lambda: query(here.state, "SELECT 1 FROM feed WHERE error <> ''"))
        overview = here.page("/")
        counts = monitor_json("status", *both)["counts"]
        assert f"{counts['articles']} (0 to be judged, 0 set aside)" in overview.words
        assert f"process {here.running.process.pid}" in overview.words
        assert "feeds2 (1 failing)" in overview.words
        assert "1 feed fails; 1 channel is in trouble" in overview.words
        assert "Flood in the delta" in overview.words

        alerts = here.page("/alerts?watch=Flood")
        assert "فيضان" in alerts.words
        assert "Arabic" in alerts.words
        assert {one["rel"] for one in alerts.links if str(one["href"]).startswith("http")} == {"noreferrer noopener"}
        assert "There is none yet" in here.page(f"/alerts?watch={quote('Fire & <Smoke>')}").words
        (newest, oldest) = (one[0] for one in query(here.state, "SELECT id FROM alert ORDER BY id DESC"))
        assert "https://a.example" in here.ask(f"/alerts?before={newest}").text
        assert "none that is older" in here.page(f"/alerts?before={oldest}").words

        found = here.ask(f"/article?find={quote('https://a.example/1', safe='')}")
        assert found.status == 303
        fate = monitor_json("why", "https://a.example/1", *both)
        assert found.headers["Location"] == f"/article/{fate['article']}"
        assert here.ask("/article?find=").headers["Location"] == "/"

        story = here.page(f"/story/{fate['story']}")
        assert "began the story" in story.words
        assert "desk" in story.words

        feeds = here.page("/feeds")
        for ailment in monitor_json("feeds", "health", *both)["ailments"]:
            assert ailment["url"] in feeds.words
        assert "looks a day of a budget of" in feeds.words
        assert "desk" in here.page("/deliveries").words
        assert "sent" in here.page("/deliveries?all=1&channel=log").words
        assert "There is none." in here.page("/deliveries?before=1").words

        (here.config / "watches.toml").write_text("[[watch]]\nname = 'A'\nquery = 'a AND ('\n", encoding="utf-8")
        here.running.wait_for(lambda: here.running.events("config_unchanged"))
        told = monitor("check", "--config", here.config).stderr.splitlines()[0].removeprefix("monitor: ")
        for path in ("/", "/alerts", "/feeds", "/deliveries", f"/article/{fate['article']}", f"/story/{fate['story']}"):
            assert told in here.page(path).words
        (here.config / "watches.toml").write_text(WATCHES, encoding="utf-8")
        here.running.wait_for(lambda: here.running.events("config_reloaded"))
        assert "refused" not in here.page("/").words
    for answer in here.answers:
        assert SECRET not in answer.text
        assert "script" not in answer.text
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_articles_page_tells_the_same_facts_as_why(tmp_path: Path) -> None:
    """What it met and by which words, what it missed and why, each try to deliver it, its story."""
    with watched(tmp_path, {"/feed": NEWS}, alerts=2) as here:
        here.running.wait_for(lambda: here.running.events("delivery_pending"))
        both = ("--config", here.config, "--state", here.state)
        for (number,) in query(here.state, "SELECT id FROM article"):
            fate = monitor_json("why", str(number), *both)
            said = " ".join(here.page(f"/article/{number}").words.split())
            assert fate["title"] in said
            assert fate["url"] in said
            assert f"article {fate['article']}" in said
            assert f"{fate['first_seen']['at'][:10]} {fate['first_seen']['at'][11:19]} UTC in A feed" in said
            assert f"story {fate['story']}" in said
            for match in fate["matches"]:
                assert f"✔ {match['watch']} it was met by {match['evidence'][0]['words']}" in said
            for miss in fate["misses"]:
                assert f"✘ {miss['watch']} {miss['why']}" in said
            for delivery in fate["deliveries"]:
                assert f"→ {delivery['channel']}: " in said
                assert f"(delivery {delivery['delivery']})" in said
                assert all(one["detail"] in said for one in delivery["tries"])
            printed = monitor("why", str(number), *both).stdout
            for line in printed.splitlines()[4:]:
                words = line.strip().replace("“", "").replace("”", "")
                if not re.match(r"next try|the channel failed|\d{4}-", words):  # the service goes on trying meanwhile
                    assert re.sub(r": not sent yet.*| \(story.*", "", words) in said


def test_hostile_text_of_feeds_is_shown_as_words_and_leads_nowhere(tmp_path: Path) -> None:
    """In headline, sentence, source and address; on every page that tells of it."""
    hostile = [one.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass") for one, _ in HOSTILE]
    items = [
        {
            "id": str(number),
            "title": escape(text[:2_000]),
            "content_text": f"{text[:2_000]}. The flood of {number} came. {text[:200]}",
            "url": f"https://a.example/{number}",
            "date_published": None,
        }
        for number, text in enumerate(hostile)
    ]
    for number, url in enumerate(
        ["javascript:alert(1)//flood", 'https://a.example/"onmouseover="x', "https://b@evil.example/"]
    ):
        items.append({"id": f"u{number}", "title": f"Flood by {number}", "content_text": "flood", "url": url})
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "<script>Feed</script> flood", "items": items}
    documents = {"/feed": json.dumps(feed).encode()}
    with watched(tmp_path, documents, alerts=70) as here:
        here.running.wait_for(lambda: not query(here.state, "SELECT 1 FROM article WHERE state = 'new'"))
        addresses = {f"https://a.example/{number}": number for number in range(len(HOSTILE))}
        numbers = [
            (addresses[url], number)
            for number, url in query(here.state, "SELECT id, url FROM article")
            if url in addresses
        ]
        rows = {
            number: (title, story) for number, title, story in query(here.state, "SELECT id, title, story FROM article")
        }
        pages = [f"/article/{number}" for number in rows] + [f"/story/{story}" for _, story in list(rows.values())[::9]]
        older = "/alerts"
        while older:
            shown = here.page(older)
            older = next((str(one["href"]) for one in shown.links if "before=" in str(one["href"])), "")
        for path in (*pages, "/", "/feeds", "/deliveries?all=1"):
            here.page(path)
        assert len(numbers) > 60
        # What reads feeds has taken some of the markup away before; test_console_pages tries all of it.
        kept = [(HOSTILE[place][1][:40], number) for place, number in numbers if HOSTILE[place][1] in rows[number][0]]
        assert len(kept) > 50
        for words, number in kept:
            assert words in here.page(f"/article/{number}").words
    for answer in here.answers:
        shown = Shown(answer.text)
        assert all(TAGS.fullmatch(tag) for tag in shown.tags), shown.tags
        assert all(ATTRIBUTES.fullmatch(name) for name in shown.attributes), shown.attributes
        assert {str(one["href"]) for one in shown.links if not str(one["href"]).startswith("/")} <= addresses.keys()
        acts = {letter for letter in answer.text if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
        assert acts <= {"\n", "\u200c", "\u200d"}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("console"), {"/feed": NEWS}, alerts=2) as here:
        yield here


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.168.1.7",
        "[::2]:80",
        "localhost@evil",
        "localhost/",
        "0.0.0.0",
    ],
)
def test_a_request_under_another_name_learns_nothing(console: Watched, host: str) -> None:
    """A page on the web whose name was made to lead here (DNS rebinding)."""
    answer = ask(console.port, "/", host=host)
    assert answer.status == 421
    assert "Flood" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "LOCALHOST", "127.0.0.1", "[::1]:8036"])
def test_this_machine_by_any_of_its_own_names_is_answered(console: Watched, host: str) -> None:
    """Whatever the port: a tunnel has one of its own."""
    answer = ask(console.port, "/", host=host)
    assert answer.status == 200
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_who_wants_to_change_something_is_refused(console: Watched, method: str) -> None:
    assert ask(console.port, "/", method=method).status in {405, 501}


def test_head_is_answered_without_a_body(console: Watched) -> None:
    answer = ask(console.port, "/feeds", method="HEAD")
    assert (answer.status, answer.text) == (200, "")
    assert int(answer.headers["Content-Length"]) > 500


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/../../etc/passwd", 404),
        ("/%2e%2e/%2e%2e/etc/passwd", 404),
        ("//evil.example/", 404),
        ("http://evil.example/", 421),
        ("/style.css/../page.html", 404),
        ("/templates/page.html", 404),
        ("/article/1%00", 404),
        ("/article/-1", 404),
        ("/article/0", 404),
        ("/article/999999999999999999", 404),
        ("/article/99999999999999999999999", 404),
        ("/story/999999999999999999", 404),
        ("/story/1/", 404),
        ("/%3Cscript%3Ealert(1)%3C/script%3E", 404),
        ("/article?find=%3Cscript%3E", 404),
        ("/article?find=" + "9" * 3_000, 404),
        ("/article?find=https://%0d%0aSet-Cookie:x", 404),
        ("/article?find=%FF%FE", 404),
        ("/alerts?watch=" + "a" * 5_000, 400),
        ("/alerts?" + "&".join(f"a{number}=1" for number in range(50)), 400),
        ("/alerts?watch=" + "a" * 9_000, 404),
        ("/alerts?before=x", 200),
        ("/alerts?before=" + "9" * 30, 200),
        ("/alerts?before=-1", 200),
        ("/style.css", 200),
    ],
)
def test_odd_paths_and_questions_get_a_page_and_nothing_else(console: Watched, path: str, status: int) -> None:
    answer = ask(console.port, path)
    assert answer.status == status
    assert "root:" not in answer.text
    assert "<script" not in answer.text.lower()
    assert "Traceback" not in answer.text
    assert not console.running.events("console_fault")


def test_a_database_that_can_not_be_read_is_a_plain_503(tmp_path: Path) -> None:
    with watched(tmp_path, {"/feed": NEWS}, alerts=2) as here:
        assert here.ask("/").status == 200
        # What a damaged page does to whoever reads the table.
        with sqlite3.connect(here.state / "monitor.db") as db:
            db.execute("ALTER TABLE story RENAME TO elsewhere")
        db.close()
        answer = here.ask("/story/1")
        assert (answer.status, answer.headers["Content-Type"]) == (503, "text/plain; charset=utf-8")
        assert answer.headers["Retry-After"] == "5"
        assert "elsewhere" not in answer.text
        assert here.running.events("console_refused")
        with sqlite3.connect(here.state / "monitor.db") as db:
            db.execute("ALTER TABLE elsewhere RENAME TO story")
        db.close()
        assert here.ask("/story/1").status == 200


def test_the_console_moves_with_the_config_and_a_taken_place_stops_nothing(tmp_path: Path) -> None:
    """Said once; taken as soon as it can be had."""
    with watched(tmp_path, {"/feed": NEWS}, alerts=2) as here:
        settings = (here.config / "monitor.toml").read_text("utf-8")
        with socket.create_server(("127.0.0.1", 0)) as other:
            place = f"127.0.0.1:{other.getsockname()[1]}"
            moved = settings.replace(f"127.0.0.1:{here.port}", place)
            (here.config / "monitor.toml").write_text(moved, encoding="utf-8")
            (refused,) = here.running.wait_for(lambda: here.running.events("console_not_listening"))
            assert refused["place"] == place
            with pytest.raises(OSError, match="refused"):
                ask(here.port, "/")
            here.documents["/feed"] = rss(rss_item("Flood again", "A flood.", link="https://a.example/9"))
            here.running.wait_for(lambda: len(here.running.alerts()) == 3)
        here.running.wait_for(lambda: len(here.running.events("console_listening")) == 2)
        assert len(here.running.events("console_not_listening")) == 1
        assert "Flood again" in Shown(ask(int(place.rpartition(":")[2]), "/").text).words
        (here.config / "monitor.toml").write_text(moved.replace("console_listen", "# console_listen"), encoding="utf-8")
        here.running.wait_for(lambda: len(here.running.events("config_reloaded")) == 2)

        def gone() -> bool:
            try:
                ask(int(place.rpartition(":")[2]), "/")
            except OSError:
                return True
            return False

        here.running.wait_for(gone)
