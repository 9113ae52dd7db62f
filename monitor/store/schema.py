"""The database's shape: every table, index and migration.

On the article's way: beneath all of it. Only ``connection.py`` applies what stands here; the queries stand beside the
use that they serve.

How values are kept:

- A time is an integer: microseconds since 1970-01-01 UTC. It sorts and compares exactly, which text with and without
  fractions does not. A duration is an integer of microseconds.
- Evidence and problems are JSON, since nothing is ever looked up inside them.
- ``entry`` is what a feed was seen to list, apart from ``article``, what is kept of it. A known entry costs a look in a
  table of small rows, and an article that retention took away stays known for as long as its feed lists it.
- ``alert`` holds a copy of what it tells. A later edit or the retention of its article must not change the text under
  its evidence.

Words are searched through FTS5 over title and text, as an external-content index that is filled by one statement for a
batch. The tokenizer folds every diacritic and counts marks (category M) as parts of words, without which Hindi or
Bengali words fall apart at each vowel sign. Chinese, Japanese, Thai, Lao, Khmer and Burmese set no spaces, so the
tokenizer sees whole clauses there as one word; a trigram index would make the file half as large again and still miss
the two-letter words of Chinese. Search looks for words in those scripts as substrings instead (``searching.py``).
"""

from __future__ import annotations

from sqlite_utils import Database as Tables
from sqlite_utils import Migrations
from sqlite_utils.db import Table

from monitor.store.schema_delivering import DELIVERING

APPLICATION_ID = 0x4E575731
"""Marks a SQLite file as a database of this program ("NWW1")."""

TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'"

migrations = Migrations("news-watch")


def version() -> int:
    """The schema version that this program makes: the number of its migrations."""
    return len(names())


def names() -> tuple[str, ...]:
    """The migrations that this program knows, in their order."""
    # sqlite-utils tells what is pending only for a database: an empty one lacks them all.
    empty = Tables(memory=True, execute_plugins=False)
    try:
        return tuple(migration.name for migration in migrations.pending(empty))
    finally:
        empty.close()


@migrations(name="0001-first-tables")
def first_tables(db: Tables) -> None:
    """Feeds, articles, stories, alerts and deliveries, with the search index."""
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.executescript(_FIRST_TABLES)
    article = db["article"]
    assert isinstance(article, Table)
    article.enable_fts(["title", "text"], tokenize=TOKENIZER)


@migrations(name="0002-entries-known-again")
def entries_known_again(db: Tables) -> None:
    """What an entry may be known by when its key changes, why it was taken for new or known, how a feed's keys did."""
    db.executescript(_ENTRIES_KNOWN_AGAIN)


_ENTRIES_KNOWN_AGAIN = """
ALTER TABLE entry ADD COLUMN link INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN title INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN date INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN reason TEXT NOT NULL DEFAULT 'new';
CREATE INDEX entry_link ON entry (feed, link) WHERE link <> 0;
CREATE INDEX entry_title ON entry (feed, title) WHERE title <> 0;
ALTER TABLE feed ADD COLUMN identity TEXT NOT NULL DEFAULT '{}';
"""


@migrations(name="0003-pages")
def pages(db: Tables) -> None:
    """The pages of articles whose feeds give only a summary, and until when an article waits for its own."""
    db.executescript(_PAGES)


# ``summary`` is the feed's own text, kept beside the article's, which begins with ``summary_length`` characters of it
# that are not the page's; -1: it holds nothing of the page.
_PAGES = """
CREATE TABLE page (
    article INTEGER PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'read', 'failed')),
    due INTEGER NOT NULL,
    token TEXT,
    lease_until INTEGER,
    tries INTEGER NOT NULL DEFAULT 0,
    fetches INTEGER NOT NULL DEFAULT 0,
    summary_length INTEGER NOT NULL DEFAULT -1,
    host TEXT NOT NULL,
    url TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    summary TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX page_due ON page (due) WHERE state = 'waiting';
ALTER TABLE article ADD COLUMN waits_until INTEGER;
"""


@migrations(name="0004-polling")
def polling(db: Tables) -> None:
    """What is learnt of each feed: its rhythm, what it asks for, gaps, moves, whether its validators can be trusted."""
    db.executescript(_POLLING)


_POLLING = """
ALTER TABLE feed ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE feed ADD COLUMN closest INTEGER;
ALTER TABLE feed ADD COLUMN whole_at INTEGER;
ALTER TABLE feed ADD COLUMN distrust_until INTEGER;
ALTER TABLE feed ADD COLUMN moved_since INTEGER;
ALTER TABLE feed ADD COLUMN moved_looks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN last_gap INTEGER;
ALTER TABLE feed ADD COLUMN gap TEXT NOT NULL DEFAULT '';
ALTER TABLE feed ADD COLUMN asks TEXT NOT NULL DEFAULT '{}';
ALTER TABLE feed ADD COLUMN rhythm TEXT;
"""


@migrations(name="0005-delivering")
def delivering(db: Tables) -> None:
    """Ranks, digests, how each channel fares, silences, acknowledgements, the operator's notices."""
    db.executescript(DELIVERING)


@migrations(name="0006-story-sketches")
def story_sketches(db: Tables) -> None:
    """What other tellings of an event are found and compared by."""
    db.executescript(_STORY_SKETCHES)


@migrations(name="0007-pushing")
def pushing(db: Tables) -> None:
    """Subscriptions with the hubs that feeds offer (WebSub), and hosts that asked for rest."""
    db.executescript(_PUSHING)


_PUSHING = """
CREATE TABLE push (
    token_hash TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    feed INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    hub TEXT NOT NULL,
    topic TEXT NOT NULL,
    callback TEXT NOT NULL,
    secret TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'live', 'refused', 'leaving')),
    due INTEGER NOT NULL,
    until INTEGER,
    pending TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    missed INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '',
    allow_private INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX push_feed ON push (feed) WHERE state <> 'leaving';
CREATE INDEX push_due ON push (due);

CREATE TABLE resting (
    host TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


@migrations(name="0009-troubles")
def troubles(db: Tables) -> None:
    """The service's troubles that last, so that each is told once."""
    db.execute("CREATE TABLE trouble (topic TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID")


@migrations(name="0010-host-lines")
def host_lines(db: Tables) -> None:
    """The lines of each host's articles, with the first two different articles that bore each."""
    db.execute(
        "CREATE TABLE line (hash INTEGER PRIMARY KEY, first INTEGER NOT NULL, second INTEGER, seen INTEGER NOT NULL)"
        " STRICT"
    )


@migrations(name="0011-when-kept")
def when_kept(db: Tables) -> None:
    """When a subscription's times and a host's wish for rest were kept: by that a clock that ran ahead is known."""
    db.execute("ALTER TABLE push ADD COLUMN kept INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE resting ADD COLUMN kept INTEGER NOT NULL DEFAULT 0")


@migrations(name="0012-links")
def links(db: Tables) -> None:
    """What an article links to on other sites, in one spelling, with blanks between."""
    db.execute("ALTER TABLE article ADD COLUMN links TEXT NOT NULL DEFAULT ''")


@migrations(name="0013-where-articles-lie")
def where_articles_lie(db: Tables) -> None:
    """Each article's story and time by its id, a hundred to a page: judging asks for those of hundreds of articles."""
    db.execute("CREATE INDEX article_placed ON article (id, story, discovered) WHERE story IS NOT NULL")


# AUTOINCREMENT: people and log files hold these ids, so one that retention freed must never name something else.
# Long texts stand last in their rows: SQLite reads a row from its start and stops at the last column asked for.
_FIRST_TABLES = """
CREATE TABLE feed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    configured INTEGER NOT NULL,
    added INTEGER NOT NULL,
    next_check INTEGER NOT NULL,
    interval INTEGER,
    claimed_until INTEGER,
    checked INTEGER,
    last_ok INTEGER,
    last_new INTEGER,
    listed INTEGER,
    entries INTEGER NOT NULL DEFAULT 0,
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT,
    status INTEGER,
    fault TEXT,
    error TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0,
    moved_to TEXT,
    problems TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX feed_due ON feed (next_check) WHERE configured = 1 AND gone = 0;

CREATE TABLE story (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    first_article INTEGER NOT NULL,
    last_article INTEGER NOT NULL,
    articles INTEGER NOT NULL,
    title TEXT NOT NULL
) STRICT;
CREATE INDEX story_empty ON story (id) WHERE articles = 0;

CREATE TABLE article (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    feed INTEGER NOT NULL REFERENCES feed (id),
    story INTEGER REFERENCES story (id),
    version INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('new', 'judged', 'set-aside')),
    quiet INTEGER NOT NULL,
    discovered INTEGER NOT NULL,
    published INTEGER,
    published_raw TEXT NOT NULL,
    language TEXT,
    language_hint TEXT,
    aside_reason TEXT,
    story_reason TEXT,
    story_score REAL,
    story_like INTEGER,
    title_key TEXT NOT NULL DEFAULT '',
    shingles BLOB NOT NULL DEFAULT x'',
    key TEXT NOT NULL,
    key_reason TEXT NOT NULL,
    url TEXT NOT NULL,
    canonical_url TEXT NOT NULL,
    source TEXT NOT NULL,
    author TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX article_unjudged ON article (id) WHERE state = 'new';
CREATE INDEX article_set_aside ON article (id) WHERE state = 'set-aside';
CREATE INDEX article_discovered ON article (discovered);
CREATE INDEX article_story ON article (story);
CREATE INDEX article_canonical_url ON article (canonical_url) WHERE canonical_url <> '';
CREATE INDEX article_title_key ON article (title_key) WHERE title_key <> '';

CREATE TABLE entry (
    feed INTEGER NOT NULL REFERENCES feed (id),
    key TEXT NOT NULL,
    article INTEGER,
    listed INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    PRIMARY KEY (feed, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_without_article ON entry (listed) WHERE article IS NULL;

CREATE TABLE shingle (
    hash INTEGER NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (hash, article)
) STRICT, WITHOUT ROWID;

CREATE TABLE match (
    article INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    watch TEXT NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (article, watch)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdict (
    article INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    watch TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (article, watch)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    story INTEGER NOT NULL REFERENCES story (id) ON DELETE CASCADE,
    watch TEXT NOT NULL,
    kind TEXT NOT NULL,
    article INTEGER REFERENCES article (id) ON DELETE SET NULL,
    priority TEXT NOT NULL,
    created INTEGER NOT NULL,
    discovered INTEGER NOT NULL,
    published INTEGER,
    language TEXT,
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    canonical_url TEXT NOT NULL,
    title TEXT NOT NULL,
    evidence TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (story, watch, kind)
) STRICT;
CREATE INDEX alert_article ON alert (article);

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'held', 'dead')),
    created INTEGER NOT NULL,
    due INTEGER NOT NULL,
    token TEXT,
    lease_until INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    in_doubt INTEGER NOT NULL DEFAULT 0,
    idempotency_key TEXT NOT NULL,
    ended INTEGER,
    detail TEXT NOT NULL DEFAULT '',
    UNIQUE (alert, channel)
) STRICT;
CREATE INDEX delivery_waiting ON delivery (channel, id) WHERE state IN ('pending', 'sending');

CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX attempt_delivery ON attempt (delivery);

CREATE TABLE watch_seen (
    watch TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

# ``counted``: under what else than its terms an article is counted (its language, all). ``why``: the verdict's shares.
_STORY_SKETCHES = """
CREATE TABLE sketch (
    article INTEGER PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE,
    language TEXT NOT NULL,
    norms BLOB NOT NULL,
    terms BLOB NOT NULL,
    kinds BLOB NOT NULL,
    counts BLOB NOT NULL,
    strong BLOB NOT NULL,
    counted BLOB NOT NULL,
    why TEXT NOT NULL
) STRICT;

CREATE TABLE term (
    term INTEGER PRIMARY KEY,
    articles INTEGER NOT NULL
) STRICT;

CREATE TABLE telling (
    term INTEGER NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (term, article)
) STRICT, WITHOUT ROWID;
"""
