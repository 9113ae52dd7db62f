"""What the commands read: search that no query can break, and states as they are."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_builders import (
    DAY,
    MINUTE,
    NOON,
    alerted,
    alerting,
    arrived,
    evidence,
    feed_in,
    holding_back,
    joins,
    judgement,
    new_article,
    recorded,
    update,
)

from monitor.model import (
    AlertReason,
    Arrival,
    DeliveryOutcome,
    DeliveryState,
    Feed,
    FetchFault,
    Gate,
    Match,
    Moved,
    StoryReason,
    StoryVerdict,
    Verdict,
)
from monitor.store import schema
from monitor.store.searching import MAX_WORDS, cut_around, question


def found(store, query, **values):
    return [article.title for article in store.search(query, **{"limit": 20, **values})]


@pytest.fixture
def archive(store):
    feed_in(store)
    arrived(
        store,
        new_article("cpp", title="C++ at AT&T", text="A time such as 12:30, a ratio a:b."),
        new_article("fr", title="L’État islamique", text="La coalition conclura sa mission d’ici septembre."),
        new_article("ar", title="تنظيم الدولة", text="انسحاب التحالف من العراق"),
        new_article("hi", title="हिन्दी समाचार", text="हद एक और शब्द है"),
        new_article("zh", title="伊斯兰国", text="美军将从伊拉克撤出,国际联盟的任务结束。" * 3),
        new_article("ja", title="見出し", text="イスラム国に関するニュース NATO"),
        new_article("late", title="Late", text="septembre again", discovered=NOON + DAY),
    )
    return store


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("c++", ["C++ at AT&T"]),
            ("AT&T", ["C++ at AT&T"]),
            ("a:b", ["C++ at AT&T"]),
            ("title:coalition", []),
            ("12:30", ["C++ at AT&T"]),
            ("etat", ["L’État islamique"]),
            ("l'état", ["L’État islamique"]),
            ("E\u0301TAT", ["L’État islamique"]),
            ("septembre", ["Late", "L’État islamique"]),
            ("septembre mission", ["L’État islamique"]),
            ('"mission sa"', []),
            ('"sa mission"', ["L’État islamique"]),
            ("“sa mission”", ["L’État islamique"]),
            ('"sa mission', ["L’État islamique"]),
            ("coalit*", ["L’État islamique"]),
            ('"sa miss"*', ["L’État islamique"]),
            ("coalit", []),
            ("*", []),
            ("++", []),
            ("", []),
            ('"', []),
            ("coalition ++ *", ["L’État islamique"]),
            ("coalition AND", []),
            ("NEAR(coalition mission)", []),
            ("التحالف", ["تنظيم الدولة"]),
            ("हिन्दी", ["हिन्दी समाचार"]),
            ("हिन्द", []),
            ("伊拉克", ["伊斯兰国"]),
            ("撤出", ["伊斯兰国"]),
            ("伊斯兰国 联盟", ["伊斯兰国"]),
            ("伊斯兰国 ニュース", []),
            ("イスラム国 nato", ["見出し"]),
            ("イスラム国 coalition", []),
        ],
    )
    def test_words_are_found_as_typed(self, archive, query, titles):
        """All words, whole words, phrases, beginnings; marks kept; scripts without spaces by substring."""
        assert found(archive, query) == titles

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        query=st.text(max_size=40)
        | st.text(alphabet='"*^:+-()&\\{}[]\x00 aNEARORDT國', max_size=40)
        | st.lists(st.sampled_from(["AND", "OR", "NOT", "NEAR(a b)", '"', "a*", "^a", "{a}", "-b"])).map(" ".join)
    )
    def test_no_query_is_wrong(self, archive, query):
        archive.search(query, limit=5)

    def test_a_query_of_a_thousand_words_is_answered(self, archive):
        assert found(archive, "coalition " * 1_000) == ["L’État islamique"]
        assert len(question("word " * 1_000).match.split()) == MAX_WORDS

    def test_a_limit_and_a_time_of_discovery_hold(self, archive):
        assert found(archive, "septembre", limit=1) == ["Late"]
        assert found(archive, "septembre", since=NOON + MINUTE) == ["Late"]
        assert found(archive, "伊拉克", since=NOON + MINUTE) == []

    def test_a_snippet_shows_the_words_in_their_place(self, archive):
        (article,) = archive.search("mission", limit=1)
        assert article.snippet == "La coalition conclura sa [mission] d’ici septembre."
        (article,) = archive.search("mission", limit=1, marks=("<<", ">>"))
        assert "<<mission>>" in article.snippet

    def test_a_snippet_of_a_script_without_spaces_is_cut_around_the_words(self, archive):
        (article,) = archive.search("伊拉克", limit=1)
        assert article.snippet.startswith("美军将从[伊拉克]撤出")
        assert article.snippet.endswith("…")
        (article,) = archive.search("伊斯兰国", limit=1)
        assert article.snippet == "[伊斯兰国]"

    def test_a_piece_is_cut_with_dots_where_text_is_left_out(self):
        assert cut_around("abcdefg", "d", ("[", "]"), letters=2) == "…bc[d]ef…"
        assert cut_around("abc", "b", ("[", "]"), letters=2) == "a[b]c"
        assert cut_around("abc", "x", ("[", "]")) == ""

    def test_an_edit_is_found_by_its_new_words_alone(self, archive):
        arrived(archive, new_article("fr", title="Rectifié", text="Tout autre chose."))
        assert found(archive, "coalition") == []
        assert found(archive, "autre") == ["Rectifié"]
        assert archive.integrity_check() == ()


class TestAlerts:
    def test_alerts_come_newest_first_with_their_deliveries(self, store, clock):
        feed_in(store)
        alerted(store, "mail", "chat", key="a")
        clock.forward(MINUTE)
        alerted(store, "mail", key="b", watch="Other")
        claimed = store.claim_deliveries(
            NOON + MINUTE, limit=9, lease=MINUTE, busy=(), channels=[Gate(channel="chat")]
        )[0]
        done = DeliveryOutcome(
            id=claimed.id, token=claimed.token, state=DeliveryState.DEAD, at=NOON + MINUTE, detail="550 no such user"
        )
        assert store.record_outcome(done)
        second, first = store.alerts(10)
        assert (second.title, second.watch, second.created) == ("Headline b", "Other", NOON + MINUTE)
        assert first.evidence == (evidence(),)
        assert [(row.channel, row.state, row.attempts, row.detail) for row in first.deliveries] == [
            ("mail", DeliveryState.PENDING, 0, ""),
            ("chat", DeliveryState.DEAD, 1, "550 no such user"),
        ]
        assert first.deliveries[1].ended == NOON + MINUTE
        assert store.alerts(1) == (second,)
        assert store.alerts(10, watch="Withdrawal") == (first,)
        assert store.alerts(10, since=NOON + MINUTE) == (second,)
        assert store.alerts(10, before=second.alert) == (first,)

    def test_every_try_is_told(self, store, clock):
        feed_in(store)
        alerted(store, "mail")
        claimed = store.claim_deliveries(NOON, limit=9, lease=MINUTE, busy=(), channels=[Gate(channel="mail")])[0]
        store.record_outcome(
            DeliveryOutcome(
                id=claimed.id, token=claimed.token, state=DeliveryState.PENDING, at=NOON, due=NOON, detail="452 later"
            )
        )
        store.claim_deliveries(NOON, limit=9, lease=MINUTE, busy=(), channels=[Gate(channel="mail")])
        clock.forward(DAY)
        store.release_claims()
        first, second = store.attempts(claimed.id)
        assert (first.at, first.outcome, first.detail) == (NOON, "pending", "452 later")
        assert (second.at, second.outcome) == (NOON + DAY, "unknown")
        assert "cut off" in second.detail

    def test_what_was_held_back_is_told_with_what_was_told_instead(self, store):
        feed_in(store)
        story = alerted(store, "mail")
        copy, old = arrived(store, new_article("b", source="Mirror"), new_article("c", discovered=NOON - DAY))
        recorded(
            store,
            holding_back(copy, story),
            judgement(old, verdicts=(Verdict(watch="Withdrawal", reason=AlertReason.OLD_AT_FIRST_SIGHT),)),
        )
        rows = store.held_back()
        assert [(row.title, row.source, row.watch, row.reason, row.told) for row in rows] == [
            ("Headline c", "Example News", "Withdrawal", AlertReason.OLD_AT_FIRST_SIGHT, None),
            ("Headline b", "Mirror", "Withdrawal", AlertReason.STORY_ALREADY_TOLD, "Headline a"),
        ]
        assert len(store.held_back(limit=1)) == 1
        assert [row.title for row in store.held_back(since=NOON)] == ["Headline b"]
        assert store.held_back(watch="Withdrawal") == rows
        assert store.held_back(watch="Other") == ()
        assert [(row.same_story_by, row.score) for row in rows] == [
            (StoryReason.NEW, 1.0),
            (StoryReason.NEAR_TEXT, 0.8),
        ]

    def test_why_an_article_is_in_its_story_outlives_its_edits(self, store):
        feed_in(store)
        story = alerted(store, "mail")
        (copy,) = arrived(store, new_article("b"))
        assert store.story_verdict(copy.id) is None
        decided = StoryVerdict(story=story, reason=StoryReason.NEAR_TEXT, score=0.72, article=1)
        recorded(store, judgement(copy, story=decided))
        (again,) = arrived(store, new_article("b", text="Edited."))
        recorded(store, judgement(again, story=joins(story, StoryReason.SAME_ARTICLE)))
        assert store.story_verdict(copy.id) == decided
        assert store.story_verdict(99) is None

    def test_an_article_that_was_alerted_is_not_held_back_by_its_own_edit(self, store):
        feed_in(store)
        story = alerted(store, "mail")
        (edited,) = arrived(store, new_article(text="Edited."))
        recorded(store, holding_back(edited, story))
        assert store.held_back() == ()
        assert store.verdicts(edited.id) == (Verdict(watch="Withdrawal", reason=AlertReason.ALERTED),)

    def test_an_edit_that_no_longer_meets_a_watch_takes_the_match_away(self, store):
        feed_in(store)
        alerted(store, "mail")
        assert store.matches(1) == (Match(watch="Withdrawal", evidence=(evidence(),)),)
        (edited,) = arrived(store, new_article(text="Edited."))
        recorded(store, judgement(edited))
        assert store.matches(1) == ()

    def test_a_new_watch_that_goes_through_the_archive_leaves_what_others_met(self, store):
        feed_in(store)
        (article,) = arrived(store, new_article(quiet=True))
        old = Verdict(watch="Old", reason=AlertReason.OLD_AT_FIRST_SIGHT)
        late = Verdict(watch="Late", reason=AlertReason.OLD_AT_FIRST_SIGHT)
        met = Match(watch="Old", evidence=(evidence("mission"),))
        (story,) = recorded(store, judgement(article, matches=(met,), verdicts=(old, late)))
        assert recorded(store, alerting(article, "mail", watch="Late", story=joins(story))) == [story]
        assert [match.watch for match in store.matches(article.id)] == ["Late", "Old"]
        assert store.verdicts(article.id) == (Verdict(watch="Late", reason=AlertReason.ALERTED), old)
        assert [alert.watch for alert in store.alerts(5)] == ["Late"]


class TestStates:
    def test_a_feeds_state_tells_how_its_looks_went(self, store):
        feed = feed_in(store, name="Example")
        articles = (new_article("a"), new_article("b"))
        store.arrive(Arrival(feed=update(feed, title="Example World", problems=("one bad byte",)), articles=articles))
        later = NOON + MINUTE
        failed = update(
            feed,
            checked=later,
            next_check=later + DAY,
            error="no answer in 60 s",
            fault=FetchFault.DEADLINE,
            failures=2,
            status=None,
            moved=Moved(to="https://new.example/feed", since=later, looks=1),
        )
        store.arrive(Arrival(feed=failed))
        (row,) = store.feeds()
        assert (row.url, row.name, row.title, row.configured) == (feed.url, "Example", "Example World", True)
        assert (row.checked, row.last_ok, row.last_new, row.next_check) == (later, NOON, NOON, later + DAY)
        assert (row.error, row.fault, row.failures, row.status) == ("no answer in 60 s", FetchFault.DEADLINE, 2, None)
        assert (row.entries, row.articles, row.problems) == (2, 2, ("one bad byte",))
        assert (row.moved_to, row.gone, row.interval) == ("https://new.example/feed", False, 10 * MINUTE)

    def test_problems_are_those_of_the_last_document(self, store):
        feed = feed_in(store)
        store.arrive(Arrival(feed=update(feed, problems=("odd date",)), articles=(new_article(),)))
        store.arrive(Arrival(feed=update(feed, body_hash="b2")))
        (row,) = store.feeds()
        assert (row.problems, row.entries, row.articles) == ((), 0, 1)

    def test_a_name_that_changes_in_the_config_changes_here(self, store):
        feed_in(store, name="Old")
        store.sync_feeds([Feed(url="https://news.example/feed", name="New")], NOON)
        assert [row.name for row in store.feeds()] == ["New"]

    def test_a_feeds_entries_tell_how_each_was_recognised_also_without_their_articles(self, store):
        feed = feed_in(store)
        arrived(store, new_article("a"), new_article("b", reason="new-despite-key", key_reason="guid+url"))
        store.arrive(Arrival(feed=update(feed), articles=(new_article("a", new_key="c", reason="key-drifts"),)))
        rows = store.feed_entries(feed.url, limit=5)
        assert [(row.key, row.key_reason, row.reason, row.title) for row in rows] == [
            ("b", "guid+url", "new-despite-key", "Headline b"),
            ("c", "guid", "key-drifts", "Headline a"),
        ]
        for article in store.unjudged(5):
            recorded(store, judgement(article))
        store.prune(NOON + DAY)
        assert {(row.key, row.article, row.title) for row in store.feed_entries(feed.url, limit=5)} == {
            ("b", None, ""),
            ("c", None, ""),
        }
        assert store.feed_entries("https://unknown.example/", limit=5) == ()

    def test_the_status_counts_what_is_stored_and_what_waits(self, store, clock):
        feed_in(store)
        clock.forward(MINUTE)
        story = alerted(store, "mail", "chat")
        copy, _waits, bad = arrived(store, new_article("b"), new_article("c"), new_article("d"), error="broken")
        store.set_aside(bad.id, "a fault of ours")
        recorded(store, holding_back(copy, story))
        store.claim_deliveries(clock.now(), limit=9, lease=MINUTE, busy=(), channels=[Gate(channel="chat")])
        assert store.deliveries_waiting() == 2
        status = store.status()
        assert (status.feeds, status.feeds_failing) == (1, 1)
        assert (status.articles, status.unjudged, status.set_aside, status.stories) == (4, 1, 1, 1)
        assert status.alerts == 1
        assert status.deliveries == {
            DeliveryState.PENDING: 1,
            DeliveryState.SENDING: 1,
            DeliveryState.SENT: 0,
            DeliveryState.HELD: 0,
            DeliveryState.DEAD: 0,
        }
        assert status.oldest_waiting == NOON + MINUTE
        assert status.bytes % 4096 == 0
        assert status.bytes > 0
        assert status.schema_version == schema.version()

    def test_an_empty_store_has_an_empty_status(self, store):
        status = store.status()
        assert (status.articles, status.oldest_waiting) == (0, None)

    def test_articles_are_found_by_id_address_and_story(self, store):
        feed_in(store)
        story = alerted(store, "mail")
        (copy,) = arrived(store, new_article("b", discovered=NOON - DAY))
        recorded(store, holding_back(copy, story))
        assert [article.key for article in store.story_articles(story)] == ["b", "a"]
        assert [article.key for article in store.story_articles(story, 1)] == ["b"]
        assert (store.count_story(story), store.count_story(99)) == (2, 0)
        assert store.story_articles(99) == ()
        assert store.article(copy.id).key == "b"
        assert store.article(99) is None
        assert store.article_by_url("https://news.example/b").id == copy.id
        assert store.article_by_url("https://news.example/b?utm_source=feed").id == copy.id
        assert store.article_by_url("https://news.example/zzz") is None
