"""A sound config becomes one immutable value, with secrets filled in and shown nowhere."""

from __future__ import annotations

import os
import shutil
from dataclasses import FrozenInstanceError
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import changed, load, take_stamps
from monitor.errors import ConfigErrors
from monitor.model import Priority, Settings

BASE = Path(__file__).resolve().parents[1] / "data" / "config" / "base"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small sound config to change."""
    return Path(shutil.copytree(BASE, tmp_path / "config"))


def faults(root: Path, **env: str) -> str:
    """What is wrong with a config, in words."""
    with pytest.raises(ConfigErrors) as caught:
        load(root, env=env)
    return str(caught.value)


class TestReading:
    """What the files say is what the config holds."""

    def test_a_watch_and_a_feed_carry_everything_that_was_written(self, root: Path) -> None:
        """Every key of both, and where a feed says nothing, [defaults]."""
        (root / "feeds.toml").write_text(
            '[defaults]\nlanguage = "ar"\ntags = ["all"]\ninterval_min = "10 minutes"\ninterval_max = "1 day"\n'
            'first_alert_age = "3h"\nproxy = "http://proxy.example.org:3128"\n'
            '[[feed]]\nurl = "https://example.org/a"\n'
            '[[feed]]\nurl = "https://example.org/b"\nname = " B "\nlanguage = "pt-BR"\ntags = ["x"]\n'
            'interval_min = "90s"\ninterval_max = "2h"\nfirst_alert_age = "0s"\nallow_private = true\nenabled = false\n'
            'headers = { X-Token = "t" }\nproxy = "http://localhost:9050"\n'
        )
        (root / "watches.toml").write_text(
            '[[watch]]\nname = "Talks"\nany = ["truce", "@peace"]\nall = ["war"]\nnone = ["game"]\npriority = "urgent"\n'
            'channels = ["desk", "log"]\nlanguages = ["en", "fr"]\ntags = ["x"]\nupdates = "once"\nbackfill = "7 days"\n'
            'enabled = false\n[[watch]]\nname = "More"\nquery = "truce"\n'
        )
        config = load(root, env={})
        first, second = config.feeds
        assert (first.language, first.tags, first.interval_min) == ("ar", ("all",), timedelta(minutes=10))
        assert (first.interval_max, first.first_alert_age) == (timedelta(days=1), timedelta(hours=3))
        assert (first.proxy, first.allow_private, first.enabled) == ("http://proxy.example.org:3128", False, True)
        assert (second.name, second.language, second.tags) == ("B", "pt-BR", ("x",))
        assert (second.interval_min, second.first_alert_age) == (timedelta(seconds=90), timedelta(0))
        assert (second.headers, second.proxy) == ({"X-Token": "t"}, "http://localhost:9050")
        assert (second.allow_private, second.enabled) == (True, False)
        talks, more = config.watches
        assert (talks.any, talks.all, talks.none) == (("truce", "@peace"), ("war",), ("game",))
        assert (talks.priority, talks.channels) == (Priority.URGENT, ("desk", "log"))
        assert (talks.languages, talks.feeds_tagged, talks.backfill) == (("en", "fr"), ("x",), timedelta(days=7))
        assert (talks.enabled, more.enabled) == (False, True)
        assert more.channels == ("terminal", "log")
        with pytest.raises(FrozenInstanceError):
            config.feeds = ()  # type: ignore[misc]

    def test_settings_that_are_left_out_have_their_defaults(self, root: Path) -> None:
        """monitor.toml is optional, and so is each key in it."""
        assert load(root, env={}).settings == Settings()
        (root / "monitor.toml").write_text('tick = "500ms"\nmax_feed_bytes = 1048576\ndefault_channels = ["log"]\n')
        settings = load(root, env={}).settings
        assert settings == Settings(tick=timedelta(seconds=0.5), max_feed_bytes=1_048_576, default_channels=("log",))

    def test_only_watches_are_needed(self, tmp_path: Path) -> None:
        """Everything else has a default: the channels log and terminal are always there."""
        (tmp_path / "watches.toml").write_text('[[watch]]\nname = "Talks"\nquery = "truce"\nchannels = ["log"]\n')
        config = load(tmp_path, env={})
        assert {name: channel.url for name, channel in config.channels.items()} == {
            "log": "log:",
            "terminal": "terminal:",
        }
        assert config.notices == (f"{tmp_path}/feeds.toml: there is no feed: nothing is polled",)

    def test_a_config_without_watches_is_refused(self, root: Path) -> None:
        """A service that could never tell anything must not start."""
        (root / "watches.toml").unlink()
        assert faults(root) == (
            f"{root}/watches.toml: there is no watch: nothing would ever be told (begin one with [[watch]])"
        )
        (root / "watch.toml").write_text("")
        assert f"{root}/watch.toml: is not read (did you mean watches.toml?)" in faults(root)

    def test_byte_order_marks_and_windows_line_ends_change_nothing(self, root: Path) -> None:
        """Neither the values nor the lines of faults."""
        plain = load(root, env={})
        for path in (*root.glob("*.toml"), *root.glob("concepts/*.toml")):
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
        windows = load(root, env={})
        assert (windows.feeds, windows.watches, windows.channels) == (plain.feeds, plain.watches, plain.channels)
        assert windows.concepts == plain.concepts
        with (root / "watches.toml").open("ab") as file:
            file.write(b'\r\npriority = "hihg"\r\n')
        assert f"{root}/watches.toml:6: watch 'Peace talks'" in faults(root)

    def test_where_each_concept_and_name_stands_is_known(self, root: Path) -> None:
        """The file, the lines, and the remarks where they are text; a variety's names count as the language's."""
        path = root / "concepts" / "sea.toml"
        path.write_text(
            '# seas\n[sea]\nabout = "salt water"\nwikidata = [{ odd = 1 }]\nen = ["sea",\n  { name = " ocean " },\n"sea"]\n'
            'pt-BR = ["mar"]\npt = ["oceano"]\n'
        )
        source = load(root, env={}).concept_sources["sea"]
        assert (source.file, source.line, source.about, source.wikidata) == (path, 2, "salt water", "")
        assert source.lines == {("en", "sea"): 5, ("en", "ocean"): 6, ("pt", "mar"): 8, ("pt", "oceano"): 9}

    def test_opml_lists_are_read_and_feeds_toml_wins(self, root: Path) -> None:
        """A list may come from Windows; feeds that are listed twice, or are no addresses of the web, are left out with a word."""
        (root / "feeds.toml").write_text(
            '[defaults]\nlanguage = "fr"\n[[feed]]\nurl = "https://example.org/feed.xml"\nname = "Mine"\n'
        )
        outline = '<outline type="rss" text="{}" xmlUrl="{}"/>\r\n'
        (root / "reader.OPML").write_text(
            '\ufeff<opml version="2.0"><body><outline text="World">\r\n'
            + outline.format("Theirs", "http://www.example.org/feed.xml")
            + outline.format("Other", "https://example.org/other.xml")
            + outline.format("Odd", "file:/etc/passwd")
            + "</outline></body></opml>",
            "utf-8",
        )
        (root / "empty.opml").write_text('<opml version="2.0"><body/></opml>')
        config = load(root, env={})
        assert [(feed.name, feed.url, feed.language) for feed in config.feeds] == [
            ("Mine", "https://example.org/feed.xml", "fr"),
            ("Other", "https://example.org/other.xml", "fr"),
        ]
        assert config.feeds[1].tags == ("World",)
        assert config.notices == (
            f"{root}/empty.opml: lists no feeds",
            f'{root}/reader.OPML: left out: "http://www.example.org/feed.xml" is already listed in line 3',
            f'{root}/reader.OPML: left out: "file:/etc/passwd" is a file of this machine',
        )

    def test_a_local_feed_that_is_not_there_yet_stops_nothing(self, root: Path) -> None:
        """Another program may write it later; a service must not fail to start for it."""
        (root / "feeds.toml").write_text('[[feed]]\nfile = "in/later.xml"\n')
        config = load(root, env={})
        assert [feed.url for feed in config.feeds] == ["file:in/later.xml"]
        assert "there is no file in/later.xml" in config.notices[0]

    def test_what_is_odd_but_no_fault_is_told(self, root: Path) -> None:
        """Files that are not read, channels that nobody uses, watches that are all off."""
        (root / "old.toml").write_text("")
        (root / "notes.md").write_text("")
        (root / "archive").mkdir()
        (root / ".watches.toml.swp").write_text("")
        (root / "concepts" / "empty.toml").write_text("# nothing yet\n")
        (root / "concepts" / "drafts").mkdir()
        (root / "channels.toml").write_text('[spare]\nurl = "jsons://example.org/"\n')
        (root / "watches.toml").write_text('[[watch]]\nname = "Talks"\nquery = "truce"\nenabled = false\n')
        told = "\n".join(load(root, env={}).notices).replace(f"{root}/", "")
        assert told.split("\n") == [
            "old.toml: is not read; known are monitor.toml, feeds.toml, watches.toml, channels.toml, concepts/*.toml and *.opml",
            f"concepts/drafts: is not read: concepts lie in {root}/concepts itself, in *.toml files".replace(
                f"{root}/", ""
            ),
            "concepts/empty.toml: holds no concept",
            "channel spare: no watch sends its alerts there",
            "watches.toml: every watch is switched off",
        ]

    def test_a_broken_file_is_not_told_as_the_fault_of_the_others(self, root: Path) -> None:
        """Watches that name a channel, a tag or a concept of an unreadable file are not to blame."""
        (root / "watches.toml").write_text(
            '[[watch]]\nname = "Talks"\nquery = "@peace"\nchannels = ["desk"]\ntags = ["world"]\n'
        )
        for name in ("channels.toml", "feeds.toml", "concepts/peace.toml"):
            (root / name).write_text("x\n")
        told = faults(root).replace(f"{root}/", "").split("\n")
        assert [line.partition(":")[0] for line in told] == ["channels.toml", "concepts/peace.toml", "feeds.toml"]


class TestUnreadable:
    """What keeps a file from being read is told in words."""

    def test_a_folder_that_is_not_there_or_no_folder(self, tmp_path: Path) -> None:
        """And how to make one."""
        assert faults(tmp_path / "no") == (
            f"{tmp_path}/no: there is no such folder (a config to start from is made by: monitor init DIR)"
        )
        (tmp_path / "file").write_text("")
        assert "is a file where a folder is needed" in faults(tmp_path / "file")

    def test_a_folder_in_a_files_place_and_a_dead_link(self, root: Path) -> None:
        """Neither counts as a file that was left out."""
        (root / "monitor.toml").mkdir()
        (root / "feeds.toml").unlink()
        (root / "feeds.toml").symlink_to("gone.toml")
        (root / "list.opml").mkdir()
        told = faults(root)
        assert "monitor.toml: is a folder where a file is needed" in told
        assert "list.opml: is a folder where a file is needed" in told
        assert "feeds.toml: is a link to a file that is not there" in told

    def test_a_circle_of_links(self, root: Path) -> None:
        """Any other refusal of the system is told as the system tells it."""
        (root / "monitor.toml").symlink_to("monitor.toml")
        (root / "concepts" / "peace.toml").unlink()
        (root / "concepts").rmdir()
        (root / "concepts").symlink_to("concepts")
        told = faults(root)
        assert "monitor.toml: can't be read: Too many levels of symbolic links" in told
        assert "concepts: can't be looked into: Too many levels of symbolic links" in told

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_files_and_folders_of_another_user(self, root: Path) -> None:
        """With the command that mends it."""
        (root / "feeds.toml").chmod(0)
        assert f"chmod u+r {root}/feeds.toml" in faults(root)
        root.chmod(0)
        try:
            assert f"chmod u+rx {root}" in faults(root)
        finally:
            root.chmod(0o700)

    @pytest.mark.parametrize(
        ("raw", "told"),
        [
            ("# é\nx = 1".encode("utf-16"), ":1: is not UTF-8 text but UTF-16"),
            ("# a\n# é\n".encode("latin-1"), ":2: is not UTF-8 text: the byte 0xe9 stands here"),
            (b"# \x00\n", ":1: is not valid TOML"),
        ],
    )
    def test_files_that_are_not_utf8(self, root: Path, raw: bytes, told: str) -> None:
        """Told with the line, and what to do in the editor."""
        (root / "monitor.toml").write_bytes(raw)
        assert f"{root}/monitor.toml{told}" in faults(root)


class TestSecrets:
    """Secrets come from outside, and never show."""

    def channel(self, root: Path, url: str, **env: str) -> str:
        """The URL that a channel ends up with."""
        (root / "channels.toml").write_text(f"[desk]\nurl = '{url}'\n")
        return load(root, env=env).channels["desk"].url

    def test_a_secret_in_a_url_is_quoted_and_one_that_is_the_url_is_not(self, root: Path) -> None:
        """A password with / or @ must not change where an alert goes; a webhook's address must stay one."""
        assert (
            self.channel(root, "mailtos://me:${env:P}@example.org", P="p@s/:é ")
            == "mailtos://me:p%40s%2F%3A%C3%A9%20@example.org"
        )
        assert (
            self.channel(root, "${env:HOOK}", HOOK="https://hooks.example.org/a/b?c=d")
            == "https://hooks.example.org/a/b?c=d"
        )
        assert self.channel(root, "${env:A}://h/$${env:B}/$x${env:A}", A="json") == "json://h/${env:B}/$xjson"

    def test_a_url_that_only_its_service_can_judge_is_left_to_the_check(self, root: Path) -> None:
        """What is not an address by the general rules may still be one by a service's own; a check may refuse it."""
        assert self.channel(root, "json://[::1") == "json://[::1"
        (root / "channels.toml").write_text('[desk]\nurl = "json://[::1"\n')
        with pytest.raises(ConfigErrors, match="channel desk: url can't be used: an odd address"):
            load(root, env={}, check_channel=lambda channel: "an odd address" if "[" in channel.url else None)

    def test_a_secret_file_gives_its_only_line(self, root: Path) -> None:
        """Without the line end, of whatever kind; relative to the config, or absolute."""
        file = root / "token"
        for raw in (b"t k", b"t k\n", b"t k\r\n", b"\xef\xbb\xbft k\n"):
            file.write_bytes(raw)
            file.chmod(0o640)
            assert self.channel(root, "json://${file:token}@h") == "json://t%20k@h"
            assert self.channel(root, f"json://${{file:{file}}}@h") == "json://t%20k@h"

    @pytest.mark.parametrize(
        ("raw", "mode", "told"),
        [
            (b"s3cret\n", 0o644, "can be read by every user of this machine (run: chmod 600 "),
            (b"\n", 0o600, "is empty"),
            (b"s3cret\nmore\n", 0o600, "holds a line break or another control character"),
            (b"\xff\xfe", 0o600, "is not UTF-8 text"),
            (b"s3cret" * 20_000, 0o600, "is too large to be a secret"),
        ],
    )
    def test_a_secret_file_that_is_none_is_refused(self, root: Path, raw: bytes, mode: int, told: str) -> None:
        """And nothing of it is repeated."""
        (root / "token").write_bytes(raw)
        (root / "token").chmod(mode)
        (root / "channels.toml").write_text('[desk]\nurl = "json://${file:token}@h"\n')
        said = faults(root)
        assert told in said
        assert "s3cret" not in said

    def test_a_pipe_or_an_impossible_path_does_not_hold_up_the_start(self, root: Path) -> None:
        """A named pipe that nobody writes to would be read for ever."""
        os.mkfifo(root / "pipe", 0o600)
        (root / "channels.toml").write_text('[desk]\nurl = "json://${file:pipe}${file:watches.toml/x}@h"\n')
        told = faults(root)
        assert "is not a file" in told
        assert "can't be read: Not a directory" in told

    def test_headers_and_proxies_hold_secrets_as_they_are(self, root: Path) -> None:
        """A header is no URL, a proxy is one."""
        (root / "feeds.toml").write_text(
            '[[feed]]\nurl = "https://example.org/"\nheaders = { Authorization = "Bearer ${env:T}" }\n'
            'proxy = "http://me:${env:T}@proxy.example.org:3128"\n'
        )
        feed = load(root, env={"T": "a/b c"}).feeds[0]
        assert feed.headers == {"Authorization": "Bearer a/b c"}
        assert feed.proxy == "http://me:a%2Fb%20c@proxy.example.org:3128"

    def test_every_form_of_a_secret_is_known_to_who_must_hide_it(self, root: Path) -> None:
        """Plain and URL-quoted, with the channel's URL as a whole, and a password that stands in the file itself."""
        (root / "channels.toml").write_text(
            '[desk]\nurl = "json://me:${env:P}@h/"\n[plain]\nurl = "mailtos://me:in-the-file@h"\n[log]\nurl = "log:"\n'
        )
        config = load(root, env={"P": "a b/c", "UNUSED": "not-asked-for"})
        assert {"a b/c", "a%20b%2Fc", "a+b%2Fc", "json://me:a%20b%2Fc@h/", "in-the-file"} <= config.secrets
        assert not {"not-asked-for", "log:"} & config.secrets
        assert any("a password stands in" in notice for notice in config.notices)
        shown = repr(config) + repr(config.channels) + "".join(config.notices)
        assert not any(secret in shown for secret in config.secrets)


class TestTemplates:
    """Messages in a person's own form, each a file in templates/."""

    def test_sound_ones_are_taken_and_those_of_editors_left(self, root: Path) -> None:
        """One that no channel is written to by is no fault, and worth a word."""
        (root / "templates").mkdir()
        for name in ("alert.txt", "alert.html", ".alert.txt.swp", "alert.txt~"):
            (root / "templates" / name).write_bytes(b"\xef\xbb\xbf{{ headline }}\r\n")
        config = load(root, env={})
        assert set(config.templates.own) == {"alert.txt", "alert.html"}
        assert [notice for notice in config.notices if "templates" in notice] == [
            f"{root}/templates/alert.html: no channel is of the kind that it is for"
        ]

    def test_what_can_not_be_read_is_told(self, root: Path) -> None:
        """A folder in a template's place, other encodings, and a file in the folder's place."""
        (root / "templates" / "alert.md").mkdir(parents=True)
        (root / "templates" / "alert.txt").write_bytes(b"a\nb\xff")
        told = faults(root)
        assert "templates/alert.md: is a folder where a file is needed" in told
        assert "templates/alert.txt:2: is not UTF-8 text" in told
        shutil.rmtree(root / "templates")
        (root / "templates").write_text("")
        assert "templates: can't be looked into: Not a directory" in faults(root)

    def test_a_folder_is_for_the_channels_and_watches_that_name_it(self, root: Path) -> None:
        """One that none names is read and checked as well, and worth a word."""
        for folder in ("night", "desk", "old", ".hidden"):
            (root / "templates" / folder).mkdir(parents=True)
            (root / "templates" / folder / "alert.txt").write_text("{{ headline }}")
        (root / "templates" / "night" / "digest.html").write_text("{{ count }}")
        (root / "channels.toml").write_text('[chat]\nurl = "tgram://t/1"\ntemplates = "night"\n')
        (root / "watches.toml").write_text(
            '[[watch]]\nname = "A"\nany = ["a"]\nchannels = ["chat"]\ntemplates = "desk"\n'
        )
        config = load(root, env={})
        assert set(config.templates.own) == {
            "desk/alert.txt", "night/alert.txt", "night/digest.html", "old/alert.txt",
        }  # fmt: skip
        assert (config.templates.of_watches, config.templates.of_channels) == ({"A": "desk"}, {"chat": "night"})
        assert [notice for notice in config.notices if "templates" in notice] == [
            f"{root}/templates/night/digest.html: no channel is of the kind that it is for",
            f"{root}/templates/old: no channel and no watch takes its templates from there",
        ]

    def test_what_is_wrong_in_a_folder_is_told_as_anywhere(self, root: Path) -> None:
        """Tried on those channels alone that may be written to by it."""
        (root / "templates" / "night" / "deep").mkdir(parents=True)
        (root / "templates" / "night" / "alerts.md").write_text("x")
        (root / "templates" / "night" / "alert.md").write_text("\n{{ headlin }}")
        (root / "templates" / "night" / "alert.txt").write_text("x" * 1_000)
        (root / "channels.toml").write_text(
            '[chat]\nurl = "tgram://t/1"\ntemplates = "night"\n[phone]\nurl = "pover://u@t"\n'
            '[mast]\nurl = "mastodon://t@h"\ntemplates = "nigth"\n'
        )
        (root / "watches.toml").write_text(
            '[[watch]]\nname = "A"\nany = ["a"]\nchannels = ["chat", "phone"]\ntemplates = "knights of old"\n'
        )
        told = faults(root)
        assert "templates/night/deep: is no template's name" in told
        assert "templates/night/alerts.md: is no template's name (did you mean alert.md?)" in told
        assert "templates/night/alert.md:2: there is nothing called headlin (did you mean headline?)" in told
        assert "templates/night/alert.txt" not in told, "it is not for the phone"
        assert 'channels.toml:8: channel mast: there is no folder templates/nigth (did you mean "night"?)' in told
        assert "watches.toml:5: watch 'A': there is no folder templates/knights of old" in told
        (root / "watches.toml").write_text(
            '[[watch]]\nname = "A"\nany = ["a"]\nchannels = ["phone"]\ntemplates = "night"\n'
        )
        (root / "channels.toml").write_text('[chat]\nurl = "tgram://t/1"\n[phone]\nurl = "pover://u@t"\n')
        assert "templates/night/alert.txt: it is too long: a message there has room for 950" in faults(root)

    def test_a_folder_with_a_name_like_it_is_not_read_and_told(self, root: Path) -> None:
        """Or its templates would never be used, and nobody would know why."""
        (root / "template").mkdir()
        assert "template: is not read (did you mean templates?)" in faults(root)


class TestChange:
    """Whether the files changed is asked often, so it must be cheap, and must miss nothing."""

    def test_an_untouched_config_has_not_changed(self, root: Path) -> None:
        """Nor has one in whose folder something else appeared."""
        config = load(root, env={})
        assert not changed(config)
        (root / "notes.md").write_text("")
        (root / "concepts" / ".peace.toml.swp").write_text("")
        assert not changed(config)

    @pytest.mark.parametrize(
        "name",
        [
            "watches.toml",
            "monitor.toml",
            "new.opml",
            "concepts/new.toml",
            "templates/alert.md",
            "templates/night/alert.md",
        ],
    )
    def test_an_edited_or_added_file_counts(self, root: Path, name: str) -> None:
        """Also one that was not there before."""
        config = load(root, env={})
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        with (root / name).open("a") as file:
            file.write("# more\n")
        assert changed(config)
        assert take_stamps(root) != config.stamps

    def test_a_removed_file_counts(self, root: Path) -> None:
        """Even the whole folder of concepts."""
        config = load(root, env={})
        shutil.rmtree(root / "concepts")
        assert changed(config)

    def test_a_new_secret_in_its_file_counts(self, root: Path) -> None:
        """The files that hold secrets belong to the config, wherever they lie."""
        secret = root.parent / "token"
        secret.write_text("first")
        secret.chmod(0o600)
        (root / "channels.toml").write_text(f'[desk]\nurl = "json://${{file:{secret}}}@h"\n')
        config = load(root, env={})
        assert config.secret_files == (secret,)
        assert not changed(config)
        secret.write_text("second one")
        assert changed(config)


def test_a_reference_to_a_secret_is_no_password_in_the_file(root: Path) -> None:
    """A token alone before the @, from the environment: nothing stands in the file, so nothing is said."""
    (root / "channels.toml").write_text('[desk]\nurl = "ntfys://${env:TOKEN}@ntfy.example/desk"\n', "utf-8")
    config = load(root, env={"TOKEN": "tk_0123456789"})
    assert not [notice for notice in config.notices if "password" in notice]
    assert "TOKEN}" not in config.secrets
