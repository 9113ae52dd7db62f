"""What any store must keep of the pages of articles that a feed gives only in summary."""

from __future__ import annotations

from store_builders import DAY, MINUTE, NOON, arrived, feed_in, judgement, new_article, recorded, update

from monitor.model import Arrival, Article, DuePage, PageOutcome, PageState


def wanting(key: str = "a", **values):
    return new_article(key, **{"page": f"https://news.example/{key}", "text": "A summary.", **values})


def outcome(page: DuePage, **values) -> PageOutcome:
    return PageOutcome(
        **{
            "article": page.article, "token": page.token, "state": PageState.READ, "at": NOON, "text": "The whole text of the flood.",
            "canonical_url": "https://news.example/canonical", "language": "fr", **values,
        }
    )  # fmt: skip


class PageContract:
    """Pages: claimed one a host, read once, and their articles never lost."""

    def came(self, store, *articles, at=NOON) -> None:
        feed_in(store)
        store.arrive(Arrival(feed=update(checked=at), articles=articles))

    def claim(self, store, now=NOON, **values):
        return store.claim_pages(now, **{"limit": 9, "lease": MINUTE, **values})

    def only(self, store, clock) -> Article:
        clock.forward(MINUTE)
        (article,) = store.unjudged(9)
        return article

    def test_an_article_waits_for_its_page_and_not_for_ever(self, store, clock):
        self.came(store, wanting())
        assert store.unjudged(9) == ()
        assert self.only(store, clock).text == "A summary."

    def test_a_page_that_was_read_makes_its_article_whole_and_is_found_by_its_words(self, store):
        self.came(store, wanting())
        (page,) = self.claim(store)
        assert (page.url, page.host, page.tries, page.feed_url) == (
            "https://news.example/a",
            "news.example",
            0,
            "https://news.example/feed",
        )
        assert store.record_page(outcome(page))
        (article,) = store.unjudged(9)
        assert article.text == "A summary.\nThe whole text of the flood."
        assert (article.canonical_url, article.version, article.language_hint) == (
            "https://news.example/canonical",
            2,
            "en",
        )
        assert [found.article for found in store.search("whole flood", limit=5)] == [article.id]
        assert (store.page_state(article.id), self.claim(store)) == ((PageState.READ, ""), ())
        assert store.integrity_check() == ()

    def test_an_article_that_was_judged_by_its_summary_is_judged_again_when_its_page_comes(self, store, clock):
        self.came(store, wanting())
        (page,) = self.claim(store)
        stories = recorded(store, judgement(self.only(store, clock)))
        store.record_page(outcome(page))
        (article,) = store.unjudged(9)
        assert (article.story, article.version) == (stories[0], 2)

    def test_a_page_that_says_the_same_changes_nothing(self, store):
        self.came(store, wanting(canonical_url="https://news.example/canonical"))
        (page,) = self.claim(store)
        store.record_page(outcome(page, text="A summary.", canonical_url=""))
        assert [article.version for article in store.unjudged(9)] == [1]

    def test_a_page_that_fails_leaves_the_summary_and_its_reason(self, store):
        self.came(store, wanting())
        (page,) = self.claim(store)
        assert store.record_page(outcome(page, state=PageState.FAILED, detail="paywall: x"))
        (article,) = store.unjudged(9)
        assert (article.text, article.version, store.page_state(article.id)) == (
            "A summary.",
            1,
            (PageState.FAILED, "paywall: x"),
        )

    def test_a_page_that_is_put_off_is_due_again_and_its_article_waits_no_more(self, store):
        self.came(store, wanting())
        (page,) = self.claim(store)
        store.record_page(outcome(page, state=PageState.WAITING, due=NOON + 5 * MINUTE))
        assert len(store.unjudged(9)) == 1
        assert (store.pages_due(NOON + 4 * MINUTE), self.claim(store, NOON + 4 * MINUTE)) == (0, ())
        assert store.pages_due(NOON + 5 * MINUTE) == 1
        assert [again.tries for again in self.claim(store, NOON + 5 * MINUTE)] == [1]

    def test_one_page_a_host_is_claimed_and_none_of_a_busy_one(self, store):
        other = wanting("b", page="https://other.example/b")
        self.came(store, wanting(), wanting("c"), other)
        assert {page.host for page in self.claim(store)} == {"news.example", "other.example"}
        assert [page.article for page in self.claim(store, busy=["other.example"])] == [2]
        assert self.claim(store) == self.claim(store, NOON + 2 * MINUTE, limit=0) == ()

    def test_a_claim_ends_with_its_lease_and_an_outrun_one_is_refused(self, store):
        self.came(store, wanting())
        (first,) = self.claim(store)
        (second,) = self.claim(store, NOON + MINUTE)
        assert not store.record_page(outcome(first))
        assert store.record_page(outcome(second))
        assert not store.record_page(outcome(second))

    def test_a_start_ends_the_claims_of_a_dead_predecessor(self, store):
        self.came(store, wanting())
        (first,) = self.claim(store)
        store.release_claims()
        assert not store.record_page(outcome(first))
        assert len(self.claim(store)) == 1

    def test_quiet_articles_and_whole_ones_want_no_page(self, store):
        self.came(store, wanting(quiet=True), new_article("b"))
        assert (self.claim(store), len(store.unjudged(9)), store.page_state(2)) == ((), 2, None)

    def test_all_waits_can_be_ended(self, store):
        self.came(store, wanting())
        store.end_page_waits()
        assert len(store.unjudged(9)) == 1

    def test_an_edit_keeps_the_pages_text_and_has_it_read_again_some_times(self, store):
        self.came(store, wanting())
        at = NOON
        for edit in range(7):
            for page in self.claim(store, at):
                store.record_page(outcome(page))
            changed = wanting(text=f"Another summary {edit}.", content_hash=f"h{edit}")
            store.arrive(Arrival(feed=update(checked=at), articles=(changed,)))
            assert [article.text for article in store.unjudged(9)] == [
                f"Another summary {edit}.\nThe whole text of the flood."
            ]
            at += DAY
        assert self.claim(store, at) == ()

    def test_a_pages_links_come_to_those_of_its_summary(self, store):
        given, more = "https://harbour.example/report", "https://coast.example/rescue"
        self.came(store, wanting(links=(given,)))
        (page,) = self.claim(store)
        assert store.record_page(outcome(page, links=(more, given)))
        assert [article.links for article in store.unjudged(9)] == [(given, more)]

    def test_a_pages_links_come_back_after_an_edit_of_its_summary(self, store):
        link = "https://coast.example/rescue"
        self.came(store, wanting())
        for text in ("In short.", "Edited."):
            store.arrive(Arrival(feed=update(checked=NOON), articles=(wanting(text=text, content_hash=text),)))
            for page in self.claim(store, NOON + DAY):
                assert store.record_page(outcome(page, links=(link,)))
            assert [article.links for article in store.unjudged(9)] == [(link,)]

    def test_an_edit_before_the_page_came_goes_with_it(self, store):
        self.came(store, wanting())
        store.arrive(Arrival(feed=update(), articles=(wanting(text="Edited.", content_hash="h"),)))
        (page,) = self.claim(store)
        store.record_page(outcome(page))
        assert [article.text for article in store.unjudged(9)] == ["Edited.\nThe whole text of the flood."]

    def test_a_clock_that_ran_ahead_keeps_no_article_and_no_page_waiting(self, store):
        ahead = NOON + 400 * DAY
        self.came(store, wanting(), wanting("b", page="https://other.example/b"), at=ahead)
        self.claim(store, ahead, limit=1)
        store.forget_future(NOON)
        assert (len(store.unjudged(9)), len(self.claim(store, NOON))) == (2, 2)

    def test_retention_takes_a_page_with_its_article(self, store):
        self.came(store, wanting())
        (page,) = self.claim(store)
        store.record_page(outcome(page))
        recorded(store, *(judgement(article) for article in store.unjudged(9)))
        assert store.prune(NOON + DAY) == 1
        assert (store.page_state(1), store.integrity_check()) == (None, ())

    def test_arrivals_of_whole_articles_are_as_before(self, store):
        feed_in(store)
        assert [article.key for article in arrived(store, new_article("x"))] == ["x"]
