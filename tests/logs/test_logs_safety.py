"""The log: one event on a line, no secret on it, and nothing that a feed could forge."""

from __future__ import annotations

import io
import json
import logging
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote, quote_plus

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.logs import MASK, configure_logs, get_logger, neutralise

SECRET = "pa&s w/ö?rd'\"\\"


class Terminal(io.StringIO):
    """A stream that says that a person is looking."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave the process's logging as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in ("apprise", "urllib3", "apscheduler")}
    yield
    root.handlers[:] = before
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def logged(secrets: tuple[str, ...] = (), **keys: object) -> str:
    """What one event with these keys writes as JSON."""
    stream = io.StringIO()
    configure_logs("json", secrets=lambda: secrets, stream=stream)
    get_logger("monitor.test").info("event", **keys)
    return stream.getvalue()


# --- form ---


def test_one_event_is_one_object() -> None:
    """Time in UTC as ISO 8601, level, event, logger, then the event's own keys."""
    stream = io.StringIO()
    configure_logs("json", stream=stream)
    get_logger("monitor.fetch").warning("feed_failed", feed="https://example.org/feed", status=503, tags=("a", None))
    (line,) = lines(stream)
    stamp = datetime.fromisoformat(str(line.pop("timestamp")))
    assert stamp.utcoffset() == timedelta(0)
    assert line == {
        "level": "warning",
        "event": "feed_failed",
        "logger": "monitor.fetch",
        "feed": "https://example.org/feed",
        "status": 503,
        "tags": ["a", None],
    }


def test_every_script_is_readable() -> None:
    """Text in other scripts is written as it is."""
    assert "تنظيم الدولة" in logged(title="تنظيم الدولة")


def test_auto_is_for_who_looks() -> None:
    """Colours for a person at a terminal, JSON for anything else; console without colours where it is asked for."""
    person, machine, asked = Terminal(), io.StringIO(), io.StringIO()
    for stream, form in ((person, "auto"), (machine, "auto"), (asked, "console")):
        configure_logs(form, stream=stream)
        get_logger("monitor").info("started", feeds=3)
    assert "\x1b[" in person.getvalue()
    assert lines(machine)[0]["feeds"] == 3
    assert "\x1b[" not in asked.getvalue()
    assert re.search(r"started\s+.*feeds=3", asked.getvalue())


def test_setting_up_again_replaces() -> None:
    """A second set-up writes each event once, and to the new place; loggers made before follow."""
    first, second = io.StringIO(), io.StringIO()
    configure_logs("json", stream=first)
    log = get_logger("monitor")
    log.info("one")
    configure_logs("json", stream=second)
    log.info("two")
    assert [line["event"] for line in lines(first)] == ["one"]
    assert [line["event"] for line in lines(second)] == ["two"]


def test_levels_hold_for_us_and_for_libraries() -> None:
    """Below the level nothing is written; some libraries say only what is a warning, for their words tell URLs."""
    stream = io.StringIO()
    configure_logs("json", "debug", stream=stream)
    get_logger("monitor").debug("shown")
    for name in ("urllib3.connectionpool", "requests", "feedparser"):
        logging.getLogger(name).info("hidden")
        logging.getLogger(name).warning("shown")
    # It warns of each tick that finds the one before it still at work.
    logging.getLogger("apscheduler.scheduler").warning("hidden")
    logging.getLogger("apscheduler.scheduler").error("shown")
    assert [line["event"] for line in lines(stream)] == ["shown"] * 5
    configure_logs("json", "error", stream=stream)
    get_logger("monitor").warning("hidden")
    logging.getLogger("urllib3").warning("hidden")
    assert "hidden" not in stream.getvalue()


@pytest.mark.parametrize(("form", "level"), [("xml", "info"), ("json", "loud")])
def test_what_is_no_format_or_level_is_refused(form: str, level: str) -> None:
    """The words name what there is."""
    with pytest.raises(ValueError, match="none of"):
        configure_logs(form, level)


def test_bound_keys_come_along() -> None:
    """A key bound once stands on every line."""
    stream = io.StringIO()
    configure_logs("json", stream=stream)
    get_logger("monitor").bind(feed="f").info("a")
    with structlog.contextvars.bound_contextvars(delivery=7):
        get_logger("monitor").info("b")
    assert [(line.get("feed"), line.get("delivery")) for line in lines(stream)] == [("f", None), (None, 7)]


# --- secrets ---


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        f"before {SECRET} after",
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        quote(SECRET, safe="").lower(),
        repr(SECRET),
        json.dumps(SECRET),
        SECRET.encode(),
        ["x", {"deep": (SECRET,)}],
        {SECRET: 1},
        ValueError(f"bad {SECRET}"),
    ],
)
def test_a_known_secret_is_masked_wherever_it_stands(value: object) -> None:
    """In any key and value, at any depth, plain and as URLs and quotes spell it."""
    line = logged((SECRET,), value=value)
    assert MASK in line
    told = json.loads(line)["value"]
    assert "rd" not in str(told), told


def test_a_secret_as_key_or_event_is_masked() -> None:
    """Names are no safer than values."""
    stream = io.StringIO()
    configure_logs("json", secrets=lambda: ("hushhush",), stream=stream)
    get_logger("monitor").info("at hushhush", **{"key-hushhush": 1})
    assert "hushhush" not in stream.getvalue()
    assert lines(stream)[0]["event"] == f"at {MASK}"


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_secret_in_a_traceback_is_masked(form: str) -> None:
    """Also in the words of the exception that caused it, ours or a library's."""
    stream = io.StringIO()
    configure_logs(form, secrets=lambda: ("hushhush",), stream=stream)
    try:
        try:
            raise KeyError("hushhush")
        except KeyError as error:
            raise RuntimeError("tgram://hushhush/1") from error
    except RuntimeError:
        get_logger("monitor").exception("failed")
        logging.getLogger("urllib3").exception("also %s", "hushhush")
    written = stream.getvalue()
    assert "hushhush" not in written
    assert written.count("RuntimeError") >= 2
    assert written.count("KeyError") >= 2


def test_libraries_go_the_same_way() -> None:
    """What the libraries log is masked and put on one line like ours."""
    stream = io.StringIO()
    configure_logs("json", secrets=lambda: ("hushhush",), stream=stream)
    logging.getLogger("urllib3").warning("Failed to send to %s\nforged", "tgram://hushhush/1")
    (line,) = lines(stream)
    assert line["event"] == f"Failed to send to tgram://{MASK}/1\\nforged"
    assert (line["level"], line["logger"]) == ("warning", "urllib3")


def test_new_secrets_count_at_once() -> None:
    """The secrets are asked for at every line: a reloaded config needs no new set-up."""
    known: set[str] = set()
    stream = io.StringIO()
    configure_logs("json", secrets=lambda: known, stream=stream)
    get_logger("monitor").info("a", value="hushhush")
    known.add("hushhush")
    get_logger("monitor").info("b", value="hushhush")
    assert [line["value"] for line in lines(stream)] == ["hushhush", MASK]


def test_of_secrets_that_overlap_nothing_is_left() -> None:
    """The longest is masked first."""
    assert "more" not in logged(("hush", "hushmore"), value="hushmore")


def test_short_secrets_do_not_blot_out_words() -> None:
    """Three characters stand in too many words."""
    assert json.loads(logged(("abc", ""), value="abc abcd"))["value"] == "abc abcd"


def test_a_secret_of_digits_is_masked_in_numbers() -> None:
    """A chat's number may be logged as a number."""
    assert json.loads(logged(("123456",), chat=123456, other=12))["chat"] == MASK


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:hush@example.org/a", f"https://{MASK}@example.org/a"),
        ("see mailtos://me%40x:hu@sh@example.org?to=a@b.org now", f"see mailtos://{MASK}@example.org?to=a@b.org now"),
        ("https://token@example.org/a", f"https://{MASK}@example.org/a"),
        ("https://example.org/@person", "https://example.org/@person"),
        ("https://example.org/a?api_key=hush&page=2", f"https://example.org/a?api_key={MASK}&page=2"),
        ("/feed?x=1&access-token=hush#a", f"/feed?x=1&access-token={MASK}#a"),
        ("https://example.org/?monkey=hush&keyword=iraq", "https://example.org/?monkey=hush&keyword=iraq"),
        ("write to desk@example.org", "write to desk@example.org"),
    ],
)
def test_credentials_in_urls_are_masked_though_unknown(text: str, shown: str) -> None:
    """User, password and tokens of a URL; what only looks a little like them stays readable."""
    assert json.loads(logged(value=text))["value"] == shown


def test_a_line_that_fails_is_not_printed_raw(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a line can't be written, its raw values do not come out the other way."""

    class Odd:
        def __str__(self) -> str:
            raise OSError("hushhush")

    stream = io.StringIO()
    configure_logs("json", secrets=lambda: ("hushhush",), stream=stream)
    logging.getLogger("urllib3").warning("x", extra={"odd": Odd(), "plain": "hushhush"})
    assert stream.getvalue() == ""
    assert capsys.readouterr().err == "a log line of urllib3 was lost (OSError)\n"


# --- hostile text ---

HOSTILE = [
    "line\nforged",
    "line\r\nforged",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m",
    "\u202egnp.exe",
    "\u2066hidden\u2069",
    "a\u2028b\u2029c\x85d",
    "zero\u200bwidth\ufeff",
    "\x00\x08\x7f",
    "\U000e0041",
]


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_feeds_text_is_one_value_on_one_line(form: str, text: str) -> None:
    """Line ends, terminal escapes and direction marks are written out, in events, keys and values."""
    stream = io.StringIO()
    configure_logs(form, stream=stream)
    get_logger("monitor").info("event", title=text, deep=[{text: text}])
    logging.getLogger("lib").warning(text)
    written = stream.getvalue()
    assert written.count("\n") == 2
    assert all(line.isprintable() for line in written[:-1].split("\n")), written
    assert len(written.splitlines()) == 2


@given(st.text())
@example("\u202e\n\x1b[0m")
def test_neutral_text_has_no_effect(text: str) -> None:
    """No control, format or separator character is left, save joiners; and doing it twice changes nothing."""
    plain = neutralise(text)
    assert not {unicodedata.category(one) for one in plain if one not in "\u200c\u200d"} & {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    }
    assert neutralise(plain) == plain


def test_half_a_character_is_written_out() -> None:
    """A lone surrogate could not be written to any stream."""
    assert neutralise("a\ud800b") == "a\\ud800b"


@pytest.mark.parametrize("text", ["État islamique", "تنظيم الدولة", "می‌خواهم", "क्‍ष", "日本語 👩‍👩‍👧", "a b"])
def test_words_stay_as_they_are_spelt(text: str) -> None:
    """Ordinary text of any script passes unchanged, joiners within words too."""
    assert neutralise(text) == text


def test_a_traceback_cant_pass_for_an_event() -> None:
    """On the console its lines are indented; what the exception says of itself stays within one of them."""
    stream = io.StringIO()
    configure_logs("console", stream=stream)
    try:
        raise ValueError("first\n2026-03-01T00:00:00Z [info] forged \x1b[31m")
    except ValueError:
        get_logger("monitor").exception("failed")
    first, *rest = stream.getvalue().rstrip("\n").split("\n")
    assert "failed" in first
    assert rest
    assert all(line.startswith("    | ") for line in rest)
    assert "\x1b" not in stream.getvalue()
