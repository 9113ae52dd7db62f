"""Retention that brings nothing back as news, backups that overwrite nothing, and a check that finds damage."""

from __future__ import annotations

import errno
import os
import stat

import pytest
from store_builders import (
    DAY,
    FEED,
    MINUTE,
    NOON,
    ManualClock,
    alerted,
    arrived,
    feed_in,
    files_no_larger_than,
    holding_back,
    judgement,
    new_article,
    recorded,
    update,
)

from monitor.errors import StoreError, StoreFull
from monitor.model import Arrival, DeliveryOutcome, DeliveryState, Feed, Gate
from monitor.store import SqliteStore


def counted(store, table):
    with store._database.reading() as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def sent(store, *channels, state=DeliveryState.SENT):
    for claimed in store.claim_deliveries(
        NOON, limit=9, lease=MINUTE, busy=(), channels=[Gate(channel=name) for name in channels]
    ):
        store.record_outcome(DeliveryOutcome(id=claimed.id, token=claimed.token, state=state, at=NOON))


class TestRetention:
    def test_old_articles_go_with_all_that_hangs_on_them(self, store):
        feed_in(store)
        alerted(store, "mail")
        (again,) = arrived(store, new_article(text="Edited."))
        recorded(store, judgement(again, shingles=(1, 2)))
        sent(store, "mail")
        assert store.prune(NOON) == 0, "what was discovered at the moment itself stays"
        assert store.prune(NOON + MINUTE) == 1
        for table in ("article", "shingle", "match", "verdict", "story", "alert", "delivery", "attempt"):
            assert counted(store, table) == 0, table
        assert store.search("edited", limit=5) == ()
        assert store.integrity_check() == ()

    def test_an_entry_that_its_feed_still_lists_does_not_come_back(self, store):
        feed_in(store)
        recorded(store, *map(judgement, arrived(store, new_article())))
        assert store.prune(NOON + MINUTE) == 1
        listed = (new_article(), new_article("b"))
        assert store.arrive(Arrival(feed=update(), articles=listed)).known == 1
        edited = (new_article(text="Edited."),)
        assert store.arrive(Arrival(feed=update(), articles=edited)).known == 1
        assert [article.key for article in store.unjudged(5)] == ["b"]

    @pytest.mark.parametrize("step", [DAY, DAY + DAY / 24, 3 * DAY, 0.8 * DAY])
    def test_an_entry_is_forgotten_when_its_feed_has_long_stopped_listing_it(self, store, step):
        feed_in(store)
        recorded(store, *map(judgement, arrived(store, new_article())))
        now = NOON
        for _ in range(45):
            now += step
            store.arrive(Arrival(feed=update(checked=now), articles=(new_article("b"),)))
            store.prune(NOON + MINUTE)
            still_known = counted(store, "entry") == 2
            if now <= NOON + 30 * DAY:
                assert still_known
        assert not still_known

    def test_an_entry_of_a_document_that_did_not_change_for_months_stays_known(self, store):
        """A document that is not read again (304) lists its entries all the time."""
        feed_in(store)
        recorded(store, *map(judgement, arrived(store, new_article())))
        store.prune(NOON + DAY)
        for days in range(1, 200, 10):
            store.arrive(Arrival(feed=update(checked=NOON + days * DAY, status=304)))
            store.prune(NOON + DAY)
        changed = NOON + 200 * DAY
        store.arrive(Arrival(feed=update(checked=changed), articles=(new_article("b"),)))
        store.prune(NOON + DAY)
        back = (new_article(), new_article("b"))
        assert store.arrive(Arrival(feed=update(checked=changed + DAY), articles=back)).known == 2

    def test_entries_of_a_feed_that_is_not_read_any_more_stay_known(self, store):
        feed_in(store)
        recorded(store, *map(judgement, arrived(store, new_article())))
        store.sync_feeds([], NOON)
        assert store.prune(NOON + 400 * DAY) == 1
        store.sync_feeds([Feed(url=FEED)], NOON + 400 * DAY)
        assert store.arrive(Arrival(feed=update(), articles=(new_article(),))).known == 1

    def test_that_an_entry_is_listed_is_noted_once_a_day(self, store):
        feed_in(store)
        arrived(store, new_article())
        for hours, noted in ((12, 0), (24, 0), (25, 25)):
            store.arrive(Arrival(feed=update(checked=NOON + hours * DAY / 24), articles=(new_article(),)))
            with store._database.reading() as db:
                (listed,) = db.execute("SELECT listed FROM entry").fetchone()
            assert listed == int((NOON.timestamp() + noted * 3600) * 1_000_000)

    @pytest.mark.parametrize("state", [None, DeliveryState.HELD, DeliveryState.PENDING])
    def test_an_article_whose_alert_waits_stays(self, store, state):
        feed_in(store)
        alerted(store, "mail", "chat")
        sent(store, "mail")
        if state is not None:
            sent(store, "chat", state=state)
        assert store.prune(NOON + DAY) == 0
        assert counted(store, "delivery") == 2

    def test_an_article_that_waits_to_be_judged_stays(self, store):
        feed_in(store)
        arrived(store, new_article())
        assert store.prune(NOON + DAY) == 0
        assert len(store.unjudged(5)) == 1

    def test_a_story_that_lives_on_is_not_told_again(self, store):
        feed_in(store)
        story = alerted(store, "mail")
        sent(store, "mail")
        (late,) = arrived(store, new_article("b", discovered=NOON + DAY))
        recorded(store, holding_back(late, story))
        assert store.prune(NOON + MINUTE) == 1
        with store.judging() as session:
            assert session.watches_told(story) == {"Withdrawal"}
        (alert,) = store.alerts(5)
        assert (alert.article, alert.title) == (None, "Headline a")
        assert [article.key for article in store.story_articles(story)] == ["b"]
        assert store.prune(NOON + 2 * DAY) == 1
        assert store.alerts(5) == ()

    def test_ids_are_not_given_twice(self, store):
        feed_in(store)
        story = alerted(store, "mail")
        sent(store, "mail")
        (before,) = store.alerts(1)
        store.prune(NOON + DAY)
        again = alerted(store, "mail", key="b")
        (after,) = store.alerts(1)
        assert again > story
        assert after.alert > before.alert
        assert after.article > before.article

    def test_many_go_in_batches(self, store):
        feed_in(store)
        articles = arrived(store, *(new_article(f"n{n}") for n in range(450)))
        recorded(store, *map(judgement, articles))
        assert store.prune(NOON + DAY) == 450
        assert store.status().articles == 0


class TestBackup:
    def test_a_backup_is_whole_private_and_opens(self, store, tmp_path):
        feed_in(store)
        alerted(store, "mail")
        target = tmp_path / "copy.db"
        before = os.umask(0)
        try:
            store.backup(target)
        finally:
            os.umask(before)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        with SqliteStore.open(target, clock=ManualClock()) as copy:
            assert copy.integrity_check() == ()
            assert copy.alerts(5) == store.alerts(5)
        assert not [file for file in tmp_path.iterdir() if "partial" in file.name]

    def test_a_backup_overwrites_nothing(self, store, tmp_path):
        target = tmp_path / "copy.db"
        target.write_text("precious")
        with pytest.raises(StoreError, match=r"copy\.db: this file exists"):
            store.backup(target)
        assert target.read_text() == "precious"

    def test_a_backup_that_can_not_be_written_leaves_nothing(self, store, tmp_path):
        with pytest.raises(StoreError, match=r"nowhere/copy\.db: the backup can't be written: No such file"):
            store.backup(tmp_path / "nowhere" / "copy.db")
        store.backup(tmp_path / "copy.db")

    def test_a_backup_goes_on_while_a_batch_is_judged(self, store, tmp_path):
        feed_in(store)
        (article,) = arrived(store, new_article())
        with store.judging() as session:
            session.record(judgement(article))
            store.backup(tmp_path / "copy.db")
        with SqliteStore.open(tmp_path / "copy.db", clock=ManualClock()) as copy:
            assert len(copy.unjudged(5)) == 1

    @pytest.mark.parametrize("meanwhile", [False, True])
    def test_a_disk_without_links_gets_its_backup_too(self, store, tmp_path, monkeypatch, meanwhile):
        """The operating system's refusal is played: no such file system is at hand."""
        target = tmp_path / "copy.db"

        def no_links(*_):
            if meanwhile:
                target.write_text("precious")
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", no_links)
        if meanwhile:
            with pytest.raises(StoreError, match="backup can't be written"):
                store.backup(target)
            assert target.read_text() == "precious"
        else:
            store.backup(target)
            SqliteStore.open_reader(target, clock=ManualClock()).close()
        assert not [file for file in tmp_path.iterdir() if "partial" in file.name]

    def test_a_file_that_comes_meanwhile_is_not_overwritten(self, store, tmp_path, monkeypatch):
        target = tmp_path / "copy.db"
        link = os.link

        def late(*paths):
            target.write_text("precious")
            link(*paths)

        monkeypatch.setattr(os, "link", late)
        with pytest.raises(StoreError, match="this file exists"):
            store.backup(target)
        assert target.read_text() == "precious"

    def test_a_full_disk_is_told_and_leaves_nothing(self, store, tmp_path):
        feed_in(store)
        arrived(store, *(new_article(f"n{n}", text=f"word{n} " * 400) for n in range(100)))
        with files_no_larger_than(200_000), pytest.raises(StoreFull, match=r"copy\.db: the disk"):
            store.backup(tmp_path / "copy.db")
        assert not [file for file in tmp_path.iterdir() if "copy" in file.name]
        assert len(store.unjudged(200)) == 100
        store.backup(tmp_path / "copy.db")


class TestIntegrity:
    def test_a_sound_database_has_no_problems(self, store):
        feed_in(store)
        alerted(store, "mail")
        assert store.integrity_check() == ()

    def test_a_search_index_that_disagrees_is_found(self, store):
        feed_in(store)
        arrived(store, new_article())
        with store._database.writing() as db:
            db.execute("UPDATE article SET text = 'changed behind the index'")
        (problem,) = store.integrity_check()
        assert "search index" in problem

    def test_a_reference_to_nothing_is_found(self, store):
        feed_in(store)
        arrived(store, new_article())
        with store._database.reading() as db:
            db.execute("PRAGMA query_only = OFF")
            db.execute("PRAGMA foreign_keys = OFF")
            db.execute("UPDATE article SET story = 55")
        (problem,) = store.integrity_check()
        assert problem == "article row 1 names a missing story"
