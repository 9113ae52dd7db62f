"""The recorded news feeds, served on loopback: every entry is stored, and the alerts were judged one by one.

Headlines are named by a digest, with what the article says in our own words: the corpora's texts stay outside.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from lxml import etree
from program import monitor_json, query, read_alerts, write_config
from servers import MisbehavingServer, reply

pytestmark = pytest.mark.corpus

# digest of the headline: who reports, and why a reader of the watch "Islamic State" wants it
JUDGED = {
    "e2f5dd8f540d": "ABC: families of suspected members, turned back on their way home from a camp in Syria",
    "b628eb244ffa": "ABC: a government refuses to bring 34 of them home",
    "4b45e11c1ec6": "NPR: the same refusal in an agency's wording, which Japan Today carries too",
    "8d5998228562": "DW: imprisoned foreign members are missing after breakouts in Syria",
    "fd00ef8133f6": "ABC Australia: jurists on whether the families must be let in",
    "96edb9cc9936": "TIME: Iraq's leadership and the army's collapse before the group in 2014",
    "e55f0a06231d": "TIME: Iran's fears, the group's fighters among them",
    "43460167efb4": "Dawn: a suspected attacker in court, the group's flag in his video",
    "909fe59b0b32": "The Economist: Pakistan's part in the fight against the group",
    "6b3b6794e81f": "The Guardian, 2018: Mosul's people return to a city the group had held",
}
# Two days of one matter in three wordings: told once by whichever came first, or oftener, but not left out.
ONE_MATTER = {"e2f5dd8f540d", "b628eb244ffa", "4b45e11c1ec6"}


@pytest.fixture(scope="module")
def polled(corpus: Path, starter_config: Path, tmp_path_factory: pytest.TempPathFactory):
    """One pass over all recorded news feeds with the starter's rules; the recordings are old, so age does not count."""
    root = tmp_path_factory.mktemp("news")
    folder = corpus / "corpus/feeds"
    files = [
        entry["file"] for entry in json.loads((folder / "index.json").read_text()) if entry["file"].startswith("news/")
    ]
    watches = (starter_config / "watches.toml").read_text(encoding="utf-8")
    with MisbehavingServer() as server:
        for file in files:
            server.route(f"/{file}", reply((folder / file).read_bytes()))
        config = write_config(
            root / "config",
            feeds=[server.url(f"/{file}") for file in files],
            watches=watches,
            defaults='first_alert_age = "36500 days"',
        )
        (config / "concepts").symlink_to(starter_config / "concepts")
        done = monitor_json("poll", "--config", config, "--state", root / "state")
    return done, root / "state", {file: (folder / file).read_bytes() for file in files}


def test_every_entry_is_stored(polled) -> None:
    """As many articles as another reader counts items, feed by feed."""
    done, state, bodies = polled
    assert (done["feeds"], done["fetched"], done["failed"]) == (len(bodies), len(bodies), 0)
    stored = dict(query(state, "SELECT url, (SELECT count(*) FROM article WHERE article.feed = feed.id) FROM feed"))
    counted = {file: _count(body) for file, body in bodies.items()}
    found = {file: next(count for url, count in stored.items() if url.endswith(file)) for file in bodies}
    assert found == counted
    assert done["articles_new"] == sum(counted.values()) > 1000


def test_the_alerts_are_those_that_a_reader_wants(polled) -> None:
    """Each judged above, but for other wordings of what is told; nothing else, and each once."""
    done, state, _ = polled
    told = [alert for alert in read_alerts(state) if alert["watch"] == "Islamic State"]
    digests = [sha256(alert["title"].encode()).hexdigest()[:12] for alert in told]
    assert len(set(digests)) == len(digests)
    assert JUDGED.keys() - ONE_MATTER <= set(digests) <= JUDGED.keys()
    assert not ONE_MATTER.isdisjoint(digests)
    assert done["alerts"] == len(told) == len(read_alerts(state))


def test_no_article_that_names_the_group_is_missed(polled) -> None:
    """A plain look for its names in the stored texts finds no article beyond those that met the watch."""
    _, state, _ = polled
    names = re.compile(
        r"\bIslamic State\b|\bI[Ss][Ii][SsLl]\b|\bDaesh\b|ИГИЛ|伊斯兰国|داعش|Estado Islâmico|Stato Islamico"
    )
    met = {article for (article,) in query(state, "SELECT article FROM match WHERE watch = 'Islamic State'")}
    named = {
        number
        for number, title, text in query(state, "SELECT id, title, text FROM article")
        if names.search(f"{title}\n{text}")
    }
    assert named <= met


def _count(body: bytes) -> int:
    root = etree.fromstring(
        body, etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=True)
    )
    items = [
        node for node in root.iter() if isinstance(node.tag, str) and etree.QName(node).localname in {"item", "entry"}
    ]
    return len({etree.tostring(node, with_tail=False) for node in items})
