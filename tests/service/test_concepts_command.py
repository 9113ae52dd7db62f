"""``monitor concepts``: listing, showing, and starting one from Wikidata, as the real program against a real server."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from program import monitor, monitor_json, service, write_config
from servers import MisbehavingServer, Peer, cut, drip, gzip_bomb, head, redirect, reply
from wikidata_answers import answer, entity, error, missing

CONCEPTS = """
[daesh]
about = "the armed group"
wikidata = "Q2429253"
en = [
  "Daesh",
  { name = "IS", near = ["jihad*", "@iraq"], not = ["IS-LM"] },
  { name = "Islamic State", exact = true },
]
ar = ["داعش"]

[militants]
any = ["Shabaab"]
en = ["militant", "@daesh"]

[iraq]
en = ["Iraq"]
"""
WATCHES = """
[[watch]]
name = "Raids"
query = "@militants NEAR/5 raid"

[[watch]]
name = "Rest"
query = "@daesh AND NOT @watch:Raids"
enabled = false
"""
RED_SEA = entity(
    "Q23406",
    labels={"en": "Red Sea", "fr": "mer Rouge", "ar": "البحر الأحمر", "arz": "البحر"},
    aliases={"en": ["RS"]},
    descriptions={"en": "inlet of an ocean"},
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config with three concepts and two watches, one of them resting."""
    root = write_config(tmp_path / "config", watches=WATCHES, settings='fetch_deadline = "5s"')
    (root / "concepts").mkdir()
    (root / "concepts" / "war.toml").write_text(CONCEPTS, encoding="utf-8")
    return root


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    """Where the API is."""
    with MisbehavingServer() as running:
        running.route("/w/api.php", reply(answer(RED_SEA), headers={"Content-Type": "application/json"}))
        yield running


def add(config: Path, api: str, *more: str, name: str = "red_sea", item: str = "Q23406") -> CompletedProcess[str]:
    """``concepts add`` from a server on this machine."""
    where = ("--config", config, "--api", api, "--allow-private")
    return monitor("concepts", "add", name, "--wikidata", item, *where, *more)


def files(config: Path) -> list[str]:
    """What lies among the concepts."""
    return sorted(path.name for path in (config / "concepts").iterdir())


# --- list and show ---


def test_every_concept_is_listed_with_what_it_holds(config: Path) -> None:
    """How many names, those that it takes over among them; the languages; where it stands."""
    rows = {row["name"]: row for row in monitor_json("concepts", "list", "--config", config)}
    assert list(rows) == ["daesh", "militants", "iraq"]
    assert rows["daesh"] == {
        "name": "daesh",
        "about": "the armed group",
        "wikidata": "Q2429253",
        "names": 4,
        "languages": ["en", "ar"],
        "uses": [],
        "file": str(config / "concepts" / "war.toml"),
        "line": 2,
    }
    assert (rows["militants"]["names"], rows["militants"]["uses"]) == (6, ["daesh"])
    table = monitor("concepts", "list", "--config", config)
    assert table.returncode == 0
    assert "@daesh" in table.stdout
    assert "war.toml:2" in table.stdout
    assert "the armed group" in table.stdout


def test_a_concept_is_shown_with_its_names_their_places_and_its_users(config: Path) -> None:
    """Each name with its conditions and its line; those of a used concept with where they come from."""
    shown = monitor_json("concepts", "show", "militants", "--config", config)
    path = str(config / "concepts" / "war.toml")
    assert (shown["file"], shown["line"], shown["uses"]) == (path, 12, ["daesh"])
    assert [(one["name"], one["language"], one["from"], one["line"]) for one in shown["names"]] == [
        ("Shabaab", "any", None, 13),
        ("militant", "en", None, 14),
        ("Daesh", "en", "daesh", 6),
        ("IS", "en", "daesh", 7),
        ("Islamic State", "en", "daesh", 8),
        ("داعش", "ar", "daesh", 10),
    ]
    short, exact = shown["names"][3:5]
    assert (short["near"], short["not"], short["exact"]) == (["jihad*", "@iraq"], ["IS-LM"], False)
    assert (exact["exact"], exact["file"]) == (True, path)
    assert shown["used_by"] == {
        "concepts": [],
        "watches": [
            {"watch": "Raids", "direct": True, "through": []},
            {"watch": "Rest", "direct": False, "through": ["@watch:Raids"]},
        ],
    }


def test_a_concept_reads_as_a_person_wants_it(config: Path) -> None:
    """By language, conditions below their name; ``@name`` may be typed as in a query."""
    done = monitor("concepts", "show", "@militants", "--config", config)
    assert done.returncode == 0
    assert done.stdout.replace(str(config), "CONFIG").rstrip().split("\n") == [
        "@militants",
        "  CONFIG/concepts/war.toml:12",
        "",
        "any  in every language",
        "  Shabaab",
        "",
        "en  English",
        "  militant",
        "  from @daesh (CONFIG/concepts/war.toml:2)",
        "    Daesh",
        "    IS",
        "        near: jihad* | @iraq",
        "        not in: IS-LM",
        "    Islamic State (exactly so)",
        "",
        "ar  Arabic",
        "  from @daesh (CONFIG/concepts/war.toml:2)",
        "    داعش",
        "",
        "used by concepts: -",
        "used by watches:  Raids | Rest (through @watch:Raids)",
    ]
    iraq = monitor("concepts", "show", "iraq", "--config", config).stdout
    assert "used by concepts: @daesh (near)" in iraq
    assert "Raids (through @militants) | Rest (through @daesh, @watch:Raids)" in iraq


def test_an_unknown_concept_gives_the_near_names(config: Path) -> None:
    """Exit code 1 and what was probably meant."""
    done = monitor("concepts", "show", "militant", "--config", config)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no concept 'militant'; did you mean 'militants'?" in done.stderr


def test_a_concepts_text_can_not_act_on_the_terminal(config: Path) -> None:
    """Escapes, direction marks and line ends in a name, a remark or an asked name are shown and not obeyed."""
    hostile = '[odd]\nabout = "a\\u001b]0;x\\u0007b"\nwikidata = "Q\\u202e1"\nen = ["Red\\u001b[2J Sea", { name = "IS\\nX", near = ["x\\u202ex"] }]\n'
    (config / "concepts" / "odd.toml").write_text(hostile, encoding="utf-8")
    for arguments in (["list"], ["show", "odd"], ["show", "o\x1b[2Jdd\u202e"]):
        done = monitor("concepts", *arguments, "--config", config)
        assert not any(sign in done.stdout + done.stderr for sign in ("\x1b", "\x07", "\u202e", "IS\nX"))
    assert "Red\\x1b[2J Sea" in monitor("concepts", "show", "odd", "--config", config).stdout


# --- add ---


def test_a_concept_is_started_from_an_item(config: Path, server: MisbehavingServer) -> None:
    """A file that the config takes, with the names that may stand; said with what was left out and what comes next."""
    done = add(config, server.url("/w/api.php"))
    assert done.returncode == 0, done.stderr
    path = config / "concepts" / "red_sea.toml"
    assert f"{path}: 3 names in 3 languages (Q23406, inlet of an ocean)" in done.stdout
    assert "had better not count alone: RS" in done.stdout
    data = tomllib.loads(path.read_text("utf-8"))["red_sea"]
    assert data == {
        "about": "inlet of an ocean",
        "wikidata": "Q23406",
        "en": ["Red Sea"],
        "ar": ["البحر الأحمر"],
        "fr": ["mer Rouge"],
    }
    assert files(config) == ["red_sea.toml", "war.toml"]
    assert monitor("check", "--config", config).returncode == 0
    watches = '[[watch]]\nname = "Sea"\nany = ["@red_sea"]\n'
    (config / "watches.toml").write_text(watches, encoding="utf-8")
    found = monitor_json("match", "-", "--config", config, stdin="Un navire attaqué en mer Rouge.".encode())
    assert [evidence["alias"] for evidence in found["matches"][0]["evidence"]] == ["mer Rouge"]


def test_the_api_is_asked_once_and_told_who_asks(config: Path, server: MisbehavingServer) -> None:
    """JSON, our own name and version with the person's address, no cookies, no Referer."""
    settings = (config / "monitor.toml").read_text() + 'user_agent = "https://desk.example"\n'
    (config / "monitor.toml").write_text(settings)
    assert add(config, server.url("/w/api.php")).returncode == 0
    (seen,) = server.requests
    assert seen.headers["user-agent"].startswith("NewsWatch/")
    assert seen.headers["user-agent"].endswith("(+https://desk.example)")
    assert seen.headers["accept"] == "application/json"
    assert not {"cookie", "referer"} & set(seen.headers)
    assert "ids=Q23406" in seen.path


def test_the_outcome_is_there_for_programs(config: Path, server: MisbehavingServer) -> None:
    """Languages and file as asked for; what is in doubt and what was left out by number."""
    api = server.url("/w/api.php")
    options = (
        "--config",
        config,
        "--api",
        api,
        "--allow-private",
        "--file",
        "seas.toml",
        "--languages",
        "fr, en-gb,hy",
    )
    made = monitor_json("concepts", "add", "red_sea", "--wikidata", "q23406", *options)
    assert made == {
        "name": "red_sea",
        "file": str(config / "concepts" / "seas.toml"),
        "wikidata": "Q23406",
        "redirected_from": None,
        "about": "inlet of an ocean",
        "names": {"fr": 1, "en": 1},
        "doubtful": [{"name": "RS", "language": "en", "why": "very short"}],
        "left_out": {
            "unknown_languages": {"arz": 1},
            "languages_not_asked_for": 1,
            "repeated": 0,
            "unusable": 0,
            "too_many": 0,
        },
        "without_a_name": ["hy"],
    }
    assert files(config) == ["seas.toml", "war.toml"]


def test_a_joined_item_is_taken_and_said(config: Path, server: MisbehavingServer) -> None:
    """Under its new id; and a concept that stands for it already is named."""
    found = entity("Q2429253", labels={"en": "Islamic State"})
    api = server.route("/joined", reply(answer(found, asked="Q5")))
    done = add(config, api, name="group", item="Q5")
    assert done.returncode == 0, done.stderr
    assert "Q5 is Q2429253 now" in done.stdout
    assert "note: @daesh stands for Q2429253 already" in done.stdout
    assert 'wikidata = "Q2429253"' in (config / "concepts" / "group.toml").read_text("utf-8")


def test_a_concept_of_doubtful_names_alone_leaves_the_config_sound(config: Path, server: MisbehavingServer) -> None:
    """The file waits for its person, as a comment."""
    api = server.route("/kind", reply(answer(entity("Q5", labels={"en": "drone"}))))
    done = add(config, api, name="drone", item="Q5")
    assert done.returncode == 0, done.stderr
    assert "Every name is in doubt" in done.stdout
    assert monitor("check", "--config", config).returncode == 0


def test_hostile_text_of_an_item_stays_text(config: Path, server: MisbehavingServer) -> None:
    """In the file, for the config's reader, and on the terminal."""
    evil = [
        'Sea"]\n[evil]\nen = ["x',
        "Gulf*",
        "@daesh",
        "end ~3 sea",
        "end ... sea",
        "Red\x1b[2J\u202e Sea",
        "'''",
        '"""',
        "\\",
    ]
    found = entity(
        "Q5", labels={"en": "Red Sea"}, aliases={"en": evil, "fr": evil}, descriptions={"en": evil[0] + evil[5]}
    )
    api = server.route("/evil", reply(answer(found)))
    done = add(config, api, item="Q5")
    assert done.returncode == 0, done.stderr
    shown = monitor_json("concepts", "show", "red_sea", "--config", config)
    assert shown["uses"] == []
    assert {one["name"] for one in shown["names"] if one["language"] == "en"} == {
        "Red Sea", 'Sea"] [evil] en = ["x', "Gulf", "end 3 sea", "end sea", "Red [2J Sea",
    }  # fmt: skip
    assert not any(sign in done.stdout for sign in ("\x1b", "\u202e"))
    assert {row["name"] for row in monitor_json("concepts", "list", "--config", config)} == {
        "daesh", "militants", "iraq", "red_sea",
    }  # fmt: skip


def test_a_running_service_takes_the_new_concept_up(config: Path, server: MisbehavingServer, tmp_path: Path) -> None:
    """By itself, as any edit."""
    with service(config, tmp_path / "state") as running:
        running.wait_for(lambda: running.events("started"))
        assert add(config, server.url("/w/api.php")).returncode == 0
        running.wait_for(lambda: running.events("config_reloaded"))
        assert not running.events("config_refused")
        assert running.stop() == 0


# --- refusals ---


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "a b", "--wikidata", "Q5"], "can't be used with @"),
        (["add", "../x", "--wikidata", "Q5"], "can't be used with @"),
        (["add", "x" * 101, "--wikidata", "Q5"], "can't be used with @"),
        (["add", "国" * 99, "--wikidata", "Q5"], "no name for a file"),
        (["add", "sea", "--wikidata", "P31"], "no item of Wikidata"),
        (["add", "sea"], "--wikidata"),
        (["add", "sea", "--wikidata", "Q5", "--languages", "en,klingon"], "'klingon' is not a language"),
        (["add", "sea", "--wikidata", "Q5", "--file", "../sea.toml"], "no name for a file"),
        (["add", "sea", "--wikidata", "Q5", "--file", "sea.txt"], "no name for a file"),
        (["add", "sea", "--wikidata", "Q5", "--file", ".sea.toml"], "no name for a file"),
        (["add", "sea", "--wikidata", "Q5", "--api", "file:///etc/passwd"], "not an http:// or https:// address"),
        (["add", "sea", "--wikidata", "Q5", "--allow-private"], "--allow-private goes with --api"),
        (["add", "daesh", "--wikidata", "Q5"], "there is a concept @daesh already"),
        (["add", "war", "--wikidata", "Q5"], "war.toml is already there"),
        (["add", "sea", "--wikidata", "Q5", "--file", "war.toml"], "war.toml is already there"),
    ],
)
def test_what_can_not_be_meant_is_refused_before_anyone_is_asked(
    config: Path, arguments: list[str], words: str
) -> None:
    """Exit code 2, in words, and nothing changed."""
    before = files(config)
    done = monitor("concepts", *arguments, "--config", config)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert files(config) == before


def test_a_config_with_faults_gets_no_new_concept(config: Path, server: MisbehavingServer) -> None:
    """Exit code 2 with its faults; nobody is asked."""
    (config / "concepts" / "broken.toml").write_text("[x]\n")
    done = add(config, server.url("/w/api.php"))
    assert done.returncode == 2
    assert "broken.toml:1" in done.stderr
    assert server.requests == []


def test_an_address_in_our_own_network_is_asked_only_when_it_is_allowed(
    config: Path, server: MisbehavingServer
) -> None:
    """For a mirror's sake, by an option of its own; metadata addresses never; and a redirect there is none."""
    api = server.url("/w/api.php")
    done = monitor("concepts", "add", "red_sea", "--wikidata", "Q23406", "--api", api, "--config", config)
    assert done.returncode == 1
    assert "--allow-private" in done.stderr
    assert server.requests == []
    metadata = add(config, "http://169.254.169.254/w/api.php")
    assert metadata.returncode == 1
    assert "none may be asked" in metadata.stderr
    server.route("/away", redirect("http://169.254.169.254/latest"))
    assert "none may be asked" in add(config, server.url("/away")).stderr
    assert files(config) == ["war.toml"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (reply(missing("Q23406")), "there is no item Q23406"),
        (reply(error("maxlag", "Waiting for all: 7.2 seconds lagged.", lag=7.2)), "try again in 8 s"),
        (reply(error("badvalue", "Un\x1b[2Jknown")), "refused: badvalue: Un [2Jknown"),
        (reply(b"<!DOCTYPE html><title>Log in</title>", headers={"Content-Type": "text/html"}), "a web page came"),
        (reply(json.dumps([1]).encode()), "no answer about an item"),
        (reply(b"", status=429, headers={"Retry-After": "90"}), "try again in 1 min 30 s"),
        (reply(b"", status=503, headers={"Retry-After": "3"}), "try again in 3 s"),
        (reply(b"", status=403), "set user_agent in monitor.toml"),
        (reply(b"", status=410), "no API at this address any more"),
        (reply(b"", status=404), "answered 404 Not Found"),
        (gzip_bomb(20), "larger than 5 MB"),
        (cut(head(200, {"Content-Length": "500"}) + b"{"), "cut off before its end"),
        (redirect("ftp://a.example/"), "not a web address"),
    ],
    ids=["missing", "maxlag", "refusal", "page", "other json", "429", "503", "403", "410", "404", "bomb", "cut", "redirect"],
)  # fmt: skip
def test_whatever_comes_instead_of_an_item_is_told_and_nothing_is_kept(
    config: Path, server: MisbehavingServer, script: object, words: str
) -> None:
    """Exit code 1, the reason, when to try again where the server says so; no file, not even half of one."""
    api = server.route("/instead", script)  # type: ignore[arg-type]
    done = add(config, api)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert files(config) == ["war.toml"]


def test_an_answer_that_never_ends_is_given_up_at_the_deadline(config: Path, server: MisbehavingServer) -> None:
    """The service's own ``fetch_deadline``, for the whole of it."""
    settings = (config / "monitor.toml").read_text().replace('"5s"', '"1s"')
    (config / "monitor.toml").write_text(settings)
    done = add(config, server.route("/slow", drip(b"{" * 1000)))
    assert done.returncode == 1
    assert "within the time allowed" in done.stderr


def test_without_a_network_the_reason_is_told(config: Path) -> None:
    """Nobody listens there; credentials in the address are not shown."""
    with MisbehavingServer() as gone:
        port = gone.port
    done = add(config, f"http://desk:s3cr3t@127.0.0.1:{port}/w/api.php")
    assert done.returncode == 1
    assert "Q23406 could not be looked up: 127.0.0.1 can't be reached" in done.stderr
    assert "s3cr3t" not in done.stderr


def test_a_config_without_concepts_gets_its_first(tmp_path: Path, server: MisbehavingServer) -> None:
    """The folder is made."""
    config = write_config(tmp_path / "config")
    assert add(config, server.url("/w/api.php")).returncode == 0
    assert files(config) == ["red_sea.toml"]


def test_a_file_that_is_made_meanwhile_stays_as_it_is(config: Path, server: MisbehavingServer) -> None:
    """Whoever was first has the name; exit code 2 as for one that was there before."""
    path = config / "concepts" / "red_sea.toml"

    def make_it_first(peer: Peer) -> None:
        path.write_text("# mine\n")
        reply(answer(RED_SEA))(peer)

    done = add(config, server.route("/late", make_it_first))
    assert done.returncode == 2
    assert "red_sea.toml is already there" in done.stderr
    assert path.read_text() == "# mine\n"
    assert files(config) == ["red_sea.toml", "war.toml"]
