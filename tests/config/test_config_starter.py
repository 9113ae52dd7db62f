"""The config that the project ships is useful as it stands, and says of itself only what is true."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from monitor.app import read_config
from monitor.config import Config, load
from monitor.feeds import canonical_url
from monitor.model import Settings
from monitor.rules import make_document
from monitor.text import decide_language

WATCHES = ("Coalition withdrawal from Iraq", "Islamic State")
ENV = {
    name: f"{name.lower()}x"
    for name in (
        "MAIL_PASSWORD", "TELEGRAM_TOKEN", "SLACK_WEBHOOK", "DISCORD_WEBHOOK_ID", "DISCORD_WEBHOOK_TOKEN", "NTFY_TOKEN",
        "HOOK_TOKEN",
    )
} | {"SLACK_WEBHOOK": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "TELEGRAM_TOKEN": "123456789:" + "a" * 32}  # fmt: skip


@pytest.fixture(scope="module")
def config(starter_config: Path) -> Config:
    """The starter config, loaded without any environment."""
    return load(starter_config, env={})


def test_it_loads_without_a_fault_a_notice_or_a_secret(config: Config) -> None:
    """Whoever starts it sees no warning."""
    assert config.notices == ()
    assert config.secrets == frozenset()
    assert config.settings == Settings()


def test_its_watches_are_the_two_of_the_mission(config: Config) -> None:
    """Both tell the terminal and the log, and have examples of both kinds."""
    assert tuple(watch.name for watch in config.watches) == WATCHES
    for watch in config.watches:
        assert set(watch.channels) == {"terminal", "log"}
        assert len(watch.examples_match) >= 3
        assert len(watch.examples_no_match) >= 3


def test_its_feeds_cover_the_subject_in_many_languages(config: Config) -> None:
    """About thirty, each with its name, language and tags."""
    web = [feed for feed in config.feeds if not feed.url.startswith("file:")]
    assert 28 <= len(web) <= 40
    assert len({feed.language for feed in web}) >= 8
    assert all(feed.name and feed.language and feed.tags for feed in web)
    assert {tag for feed in web for tag in feed.tags} == {"world", "middle-east", "security"}
    assert len({urlsplit(feed.url).netloc for feed in web}) >= 25


@pytest.mark.corpus
def test_its_feeds_are_known_addresses(config: Config, corpus: Path) -> None:
    """None was made up."""
    topics = json.loads((corpus / "corpus" / "feed-lists" / "kite.json").read_text("utf-8")).values()
    known = {canonical_url(url) for topic in topics for url in topic["feeds"]}
    assert {canonical_url(feed.url) for feed in config.feeds if not feed.url.startswith("file:")} <= known


def test_its_sample_article_meets_both_watches_in_french(config: Config, starter_config: Path) -> None:
    """So the first alert comes within seconds of the first start, with the network or without."""
    (sample,) = (feed for feed in config.feeds if feed.url.startswith("file:"))
    raw = (starter_config / sample.url.removeprefix("file:")).read_text("utf-8")
    item = raw.partition("<item>")[2]
    title = re.search("<title>(.*?)</title>", item, re.DOTALL)[1]
    body = re.sub("<[^>]+>", "", re.search(r"CDATA\[(.*?)\]\]", item, re.DOTALL)[1])
    language = decide_language(title, body)
    assert language.code == sample.language == "fr"
    assert (
        tuple(match.watch for match in config.rules.match(make_document(title=title, body=body, language=language)))
        == WATCHES
    )
    # Without dates, it is news whenever it is first seen.
    assert not re.search("pubDate|dc:date|published|updated", raw)


def test_the_sample_is_taken_out_as_the_comment_says(starter_config: Path, tmp_path: Path) -> None:
    """Five lines and the file: what is left is sound."""
    root = Path(shutil.copytree(starter_config, tmp_path / "config"))
    lines = (root / "feeds.toml").read_text("utf-8").split("\n")
    start = lines.index("[[feed]]")
    assert "sample-feed.xml" in lines[start + 1]
    del lines[start : start + 5]
    (root / "feeds.toml").write_text("\n".join(lines), "utf-8")
    (root / "sample-feed.xml").unlink()
    config = load(root, env={})
    assert config.notices == ()
    assert not any(feed.url.startswith("file:") for feed in config.feeds)


def test_monitor_toml_shows_every_setting_with_its_true_default(starter_config: Path, tmp_path: Path) -> None:
    """With every # taken out, nothing changes; and no setting is left out."""
    root = Path(shutil.copytree(starter_config, tmp_path / "config"))
    text = (root / "monitor.toml").read_text("utf-8")
    shown = re.findall(r"^# (\w+) += (.*)$", text, re.MULTILINE)
    assert {name for name, _ in shown} == {field.name for field in dataclasses.fields(Settings)}
    # The empty user agent means ours, and the empty addresses that nobody pushes and nobody looks; they can't be
    # written, only left out.
    empty = {"user_agent", "push_url", "console_listen"}
    settings = "\n".join(f"{name} = {value}" for name, value in shown if name not in empty)
    (root / "monitor.toml").write_text(settings, "utf-8")
    assert load(root, env={}).settings == Settings()


def test_the_channels_that_are_commented_out_work_once_they_are_taken_in(starter_config: Path, tmp_path: Path) -> None:
    """Each example is sound, and takes its secret from outside."""
    root = Path(shutil.copytree(starter_config, tmp_path / "config"))
    secret = tmp_path / "matrix"
    secret.write_text("a b\n")
    secret.chmod(0o600)
    text = (root / "channels.toml").read_text("utf-8").replace("/run/secrets/matrix", str(secret))
    head, _, examples = text.partition("# Take out the #")
    examples = "\n".join(line.removeprefix("# ") for line in examples.split("\n")[1:])
    (root / "channels.toml").write_text(head + examples, "utf-8")
    config = read_config(root, ENV)
    kinds = {channel.kind for channel in config.channels.values()}
    assert kinds == {"log", "terminal", "mailtos", "tgram", "slack", "discord", "ntfys", "matrixs", "jsons"}
    used = set(re.findall(r"\$\{env:(\w+)\}", examples))
    assert used == ENV.keys()
    assert {"mail_passwordx", "a%20b"} <= config.secrets


def test_the_keys_that_the_comments_explain_are_those_that_are_read(starter_config: Path, tmp_path: Path) -> None:
    """What feeds.toml says about keys holds word by word."""
    root = Path(shutil.copytree(starter_config, tmp_path / "config"))
    comments = (root / "feeds.toml").read_text("utf-8").partition("[defaults]")[0]
    keys = re.findall(r"^#   (\w+ += (?:\{.*?\}(?=  )|\[.*?\]|\S+ \w+\"|\S+))", comments, re.MULTILINE)
    assert len(keys) == 14
    shutil.copy(DEFAULT_CA_BUNDLE_PATH, root / "office-ca.pem")
    example = "\n".join(key.replace('"…"', '"A name"') for key in keys)
    (root / "feeds.toml").write_text(f'[[feed]]\nurl = "https://example.org/"\n{example}\n', "utf-8")
    (feed,) = load(root, env={"FEED_TOKEN": "t"}).feeds
    assert (feed.headers, feed.allow_private, feed.enabled) == ({"Authorization": "Bearer t"}, True, False)


def test_the_checkouts_own_config_begins_as_the_packed_starter(starter_config: Path) -> None:
    """Until a person edits it, ``config/`` is the starter (``make starter`` packs it anew)."""
    own = starter_config.parent.parent / "config"
    git = ["git", "-C", str(own), "status", "--porcelain", "--", "."]
    edited = subprocess.run(git, capture_output=True, text=True, check=False)
    if edited.returncode or edited.stdout:
        pytest.skip("config/ is edited, or this is no checkout")
    files = {path.relative_to(own) for path in own.rglob("*") if path.is_file()}
    assert files == {path.relative_to(starter_config) for path in starter_config.rglob("*") if path.is_file()}
    assert [name for name in files if (own / name).read_bytes() != (starter_config / name).read_bytes()] == []


def test_the_packs_hold_many_feeds_in_many_languages_and_each_can_be_taken_in(
    starter_config: Path, tmp_path: Path
) -> None:
    """None is read unasked; all of them at once load; every address is an https one."""
    root = Path(shutil.copytree(starter_config, tmp_path / "config"))
    before = load(root, env={}).feeds
    assert not any("packs" in feed.url for feed in before)
    names = sorted(path.stem for path in (root / "packs").glob("*.opml"))
    text = (root / "feeds.toml").read_text("utf-8")
    (root / "feeds.toml").write_text(f"packs = {json.dumps(names)}\n{text}", "utf-8")
    feeds = [feed for feed in load(root, env={}).feeds if feed not in before]
    assert len(names) >= 60
    assert len(feeds) >= 300
    assert len({feed.language for feed in feeds} - {None}) >= 20
    assert all(feed.url.startswith("https://") and feed.tags and feed.name for feed in feeds)


def test_the_packs_that_the_comments_name_are_there(starter_config: Path) -> None:
    """And an unknown one is a fault with what was probably meant."""
    text = (starter_config / "feeds.toml").read_text("utf-8")
    (named,) = re.findall(r"^# packs = \[(.*)\]$", text, re.MULTILINE)
    for name in re.findall(r'"([^"]+)"', named):
        assert (starter_config / "packs" / f"{name}.opml").is_file()
