"""Which story an article joins that tells an event in words, or a language, of its own; and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from story_memory import NOON, MemoryIndex, article

from monitor.model import Article, StoryReason
from monitor.stories import Gazetteer, draft
from monitor.stories.likeness import Likeness
from monitor.stories.placing import scored
from monitor.stories.weights import WEIGHTS

FERRY = article(
    1,
    title="Two dead as ferry Aurora sinks off Lesbos in storm",
    text="The ferry Aurora sank near Lesbos on Tuesday after its engine failed in heavy seas. Coast guard boats saved "
    "142 passengers, and two people were found dead. Captain Nikos Vasilakis had radioed for help at dawn.",
)
FERRY_AGAIN = article(
    2,
    title="Greek coast guard saves 142 from sinking ferry near Lesbos",
    text="Rescuers have brought 142 passengers of the Aurora to safety after the ferry went down off the Greek island of "
    "Lesbos in a storm. Two passengers died. Its captain, Nikos Vasilakis, reported engine failure before dawn.",
)
OTHER_FERRY = article(
    3,
    title="Ferry strike leaves thousands stranded in Naples",
    text="Seamen in Naples walked out on Tuesday over pay, and ferries to Capri and Ischia stayed in port. Unions said "
    "that the walkout would last until Friday. The region has asked the prefect to order a minimum service.",
)
FAEHRE = article(
    4,
    title="Fähre Aurora sinkt vor Lesbos: zwei Tote, 142 Gerettete",
    text="Vor der Insel Lesbos ist am Dienstag die Fähre Aurora gesunken. Die Küstenwache rettete 142 Passagiere, zwei "
    "Menschen starben. Kapitän Nikos Vasilakis hatte einen Maschinenschaden gemeldet.",
)
PLACES = Gazetteer({"lesbos": ["Lesbos", "Λέσβος", "ليسبوس"], "naples": ["Naples", "Neapel"]})


def told(index: MemoryIndex, *articles: tuple[Article, str]) -> list[int]:
    for one, language in articles:
        index.tell(one, language, gazetteer=PLACES)
    return index.stories()


class TestTellings:
    def test_another_telling_joins_and_another_event_does_not(self) -> None:
        assert told(MemoryIndex(), (FERRY, "en"), (OTHER_FERRY, "en"), (FERRY_AGAIN, "en")) == [1, 2, 1]

    def test_a_telling_in_another_language_joins(self) -> None:
        assert told(MemoryIndex(), (OTHER_FERRY, "en"), (FERRY, "en"), (FAEHRE, "de")) == [1, 2, 2]

    def test_the_verdict_tells_what_each_feature_added(self) -> None:
        index = MemoryIndex()
        told(index, (FERRY, "en"), (OTHER_FERRY, "en"))
        placed = index.tell(FERRY_AGAIN, gazetteer=PLACES)
        verdict = placed.verdict
        assert (verdict.story, verdict.reason, verdict.article) == (1, StoryReason.SAME_EVENT, FERRY.id)
        assert 0.5 <= verdict.score <= 1
        assert verdict.shares
        strengths = [abs(share) for _, share in verdict.shares]
        assert strengths == sorted(strengths, reverse=True)
        assert {name for name, _ in verdict.shares} <= set(placed.compared[0][1].features)

    def test_an_article_that_begins_a_story_names_the_nearest_that_it_did_not_join(self) -> None:
        index = MemoryIndex()
        told(index, (FERRY, "en"))
        verdict = index.tell(OTHER_FERRY, gazetteer=PLACES).verdict
        assert (verdict.story, verdict.reason, verdict.other) == (None, StoryReason.NEW, 1)
        assert verdict.other_score < 0.5
        assert verdict.other_shares

    def test_the_first_article_of_all_is_compared_with_nothing(self) -> None:
        verdict = MemoryIndex().tell(FERRY).verdict
        assert (verdict.story, verdict.reason, verdict.other) == (None, StoryReason.NEW, None)

    def test_a_copy_is_still_known_by_its_text(self) -> None:
        index = MemoryIndex()
        told(index, (FERRY, "en"))
        assert index.tell(replace(FERRY, id=9)).verdict.reason is StoryReason.SAME_TEXT

    def test_an_event_of_long_ago_is_not_joined(self) -> None:
        index = MemoryIndex()
        told(index, (FERRY, "en"))
        late = replace(FERRY_AGAIN, discovered=NOON + timedelta(days=20))
        assert index.tell(late).compared == ()

    def test_times_of_publishing_count_where_both_are_known(self) -> None:
        index = MemoryIndex()
        index.tell(replace(FERRY, published=NOON - timedelta(days=60)))
        same_day = index.tell(replace(FERRY_AGAIN, published=NOON)).compared[0][1].features["time"]
        index = MemoryIndex()
        index.tell(replace(FERRY, published=NOON - timedelta(days=60)))
        unknown = index.tell(replace(FERRY_AGAIN, published=None)).compared[0][1].features["time"]
        assert same_day < 0.01
        assert 0.8 < unknown < 0.9, "in doubt, less than if both had said that they are of one day"


class TestDoubt:
    @pytest.mark.parametrize("title", ["Storm warning", "", "!!!", "The news of today"])
    def test_what_says_too_little_is_never_another_telling(self, title: str) -> None:
        index = MemoryIndex()
        index.tell(article(1, title=title))
        assert index.tell(article(2, title=f"{title} {title}")).verdict.story is None

    def test_another_days_bulletin_is_not_the_same_event(self) -> None:
        """The title is the same but for its number, and so is nearly all of the text."""
        text = "Brent crude closed higher in London and wheat fell in Chicago as traders awaited data from Beijing."
        index = MemoryIndex()
        index.tell(article(1, title="Commodities bulletin 11 March: oil, wheat, copper", text=text))
        other = article(2, title="Commodities bulletin 12 March: oil, wheat, copper", text=text)
        assert index.tell(other).verdict.story is None

    def test_two_short_reports_of_one_kind_of_event_are_two_events(self) -> None:
        index = MemoryIndex()
        index.tell(article(1, title="Flood in the delta", text="The river rose."))
        assert index.tell(article(2, title="Flood in the hills", text="The brook rose.")).verdict.story is None

    def test_a_short_title_joins_the_story_whose_own_word_it_has(self) -> None:
        """A word that several articles have, all of one story, says which one is meant; three words do anyway."""
        index = MemoryIndex()
        for number, title in enumerate(
            [
                "Starfall launches on two consoles as servers strain under millions of players",
                "Servers of Starfall strain as millions of players try the new game on two consoles",
                "Millions of players strain Starfall servers on both consoles at the launch of the game",
                "Launch of Starfall on two consoles: servers strain under the millions of players",
            ],
            start=1,
        ):
            index.tell(article(number, title=title))
        assert set(index.stories()) == {1}
        placed = index.tell(article(9, title="Starfall launches"))
        assert [found.story for _, found in placed.compared] == [1]
        assert placed.compared[0][1].features["sole"] >= 0.6

    def test_one_name_in_common_makes_no_story_of_two_languages(self) -> None:
        """However far ahead of others it lies: a young archive has no others."""
        group = Gazetteer({"islamic_state": ["伊斯兰国", "イスラム国"]})
        index = MemoryIndex()
        talks = article(
            1, title="国际联盟任务将于九月结束", text="谈判代表表示，打击极端组织“伊斯兰国”的国际联盟将离开。"
        )
        raid = article(
            2,
            title="過激派組織「イスラム国」、検問所を襲撃",
            text="東部で早朝、検問所が武装集団に襲われ、警備員四人が死亡した。過激派組織「イスラム国」が犯行を認める声明を出した。",
        )
        index.tell(talks, "zh", gazetteer=group)
        index.tell(raid, "ja", gazetteer=group)
        assert index.stories() == [1, 2]

    def test_one_date_in_common_makes_no_story_of_two_languages(self) -> None:
        """It is a day, a figure, and a word that sounds alike: one thing all the same."""
        hearing = article(
            1,
            title="Court hears mayor's appeal",
            text="Judges in Porto heard the mayor's appeal on 23 July, and adjourned.",
        )
        fair = article(
            2, title="Sommerfest am Hafen", text="Das Fest am Hafen von Kiel beginnt am 23. Juli und dauert drei Tage."
        )
        assert told(MemoryIndex(), (hearing, "en"), (fair, "de")) == [1, 2]

    def test_what_a_watch_asks_for_makes_no_story_of_two_languages(self) -> None:
        """All that it finds has that in common."""
        met = ["coalition", "iraq", "withdrawal"]
        places = Gazetteer({"iq": ["Iraq", "Irak", "Iraqi"], "iq-ba": ["Baghdad", "Bagdad"], "iq-ar": ["Erbil"]})
        budget = article(
            1,
            title="Parliament in Baghdad debates budget",
            text="Lawmakers argued over salaries and oil revenue for six hours. Iraq also expects the coalition to withdraw.",
        )
        drone = article(
            2,
            title="Drohne stürzt bei Erbil ab",
            text="Eine Drohne ist am Morgen in ein Feld gestürzt, verletzt wurde niemand. Die Koalition verlässt den Irak bald.",
        )
        index = MemoryIndex()
        index.tell(budget, "en", gazetteer=places, concepts=met)
        index.tell(drone, "de", gazetteer=places, concepts=met)
        assert index.stories() == [1, 2]

    def test_of_several_stories_that_tell_the_same_the_oldest_is_joined(self) -> None:
        """A long story of titles alone may have fallen into several; it falls no further apart."""
        index = MemoryIndex()
        index.tell(article(1, title="Coast guard saves 142 from sinking ferry Aurora off Lesbos"))
        index.tell(article(2, title="Sinking ferry Aurora: coast guard saves 142 off stormy Lesbos"), alone=True)
        placed = index.tell(article(3, title="Sinking ferry Aurora off stormy Lesbos: 142 saved by the coast guard"))
        assert [found.story for _, found in placed.compared] == [1, 2]
        assert placed.compared[0][0] < placed.compared[1][0]
        assert placed.verdict.story == 1

    def test_things_of_one_series_are_told_apart_by_their_numbers(self) -> None:
        """Flights, weaknesses, tickers: the same words of two of them are two events."""
        words = "search for wreckage of lost airliner {} widened after new satellite pictures of the ocean"
        index = MemoryIndex()
        index.tell(article(1, title=words.format("MH370")))
        again = f"New satellite pictures of the ocean: {words.format('MH370')}"
        other = f"New satellite pictures of the ocean: {words.format('MH17')}"
        assert index.tell(article(2, title=again)).verdict.story == 1
        placed = index.tell(article(3, title=other))
        assert placed.verdict.story is None
        assert placed.compared[0][1].features["other_codes"] == 1.0


class TestEvidence:
    @pytest.mark.parametrize(
        ("day", "agreeing", "apart"), [("March 3, 2011", 1.0, 0.0), ("May 9, 2013", 0.0, 1.0), ("a Sunday", 0.0, 0.0)]
    )
    def test_days_and_years_that_differ_are_seen(self, day: str, agreeing: float, apart: float) -> None:
        index = MemoryIndex()
        index.tell(replace(FERRY, text=f"{FERRY.text} It had left Piraeus on 3 March 2011."))
        placed = index.tell(replace(FERRY_AGAIN, text=f"{FERRY_AGAIN.text} It sailed on {day}."))
        features = placed.compared[0][1].features
        assert (features["days"], features["other_days"], features["other_years"]) == (agreeing, apart, apart)

    def test_words_that_only_other_stories_use_speak_against(self) -> None:
        index = MemoryIndex()
        index.tell(FERRY)
        index.tell(OTHER_FERRY)
        by_story = {found.story: found.features for _, found in index.tell(FERRY_AGAIN).compared}
        assert by_story[2]["other_terms"] > by_story[1]["other_terms"]
        assert by_story[1]["held"] > by_story[2]["held"]

    def test_who_wrote_it_is_no_evidence(self) -> None:
        bare = draft("Ferry sinks", "The ferry Aurora sank on Tuesday.", "en", gazetteer=PLACES)
        credited = draft(
            "Ferry sinks (AFP)", "ATHENS (Reuters) - The ferry Aurora sank on Tuesday.", "en", gazetteer=PLACES
        )
        assert credited == bare

    def test_what_both_link_to_counts(self) -> None:
        link = ("https://harbour.example/notices/2024/names-of-the-aurora",)
        index = MemoryIndex()
        index.tell(replace(FERRY, links=link))
        assert index.tell(replace(FERRY_AGAIN, links=link)).compared[0][1].features["links"] > 0.8

    def test_an_address_in_the_words_is_neither_a_link_nor_words(self) -> None:
        address = "https://news.example/2024/ferry-aurora-sinks-off-lesbos-in-storm"
        bare, named = MemoryIndex(), MemoryIndex()
        for index, text in ((bare, ""), (named, f" Read also: {address}")):
            index.tell(replace(FERRY, canonical_url=address))
            index.tell(replace(OTHER_FERRY, text=OTHER_FERRY.text + text))
        (without,), (with_it,) = (index.tell(FERRY_AGAIN).compared[:1] for index in (bare, named))
        assert without == with_it
        assert named.stories() == [1, 2, 1]

    def test_a_link_to_an_older_event_hides_no_new_one(self) -> None:
        """News links back to what came before it."""
        address = "https://news.example/2024/ferry-aurora-sinks"
        index = MemoryIndex()
        index.tell(replace(FERRY, canonical_url=address), gazetteer=PLACES)
        later = article(
            9,
            title="Ferry Selene runs aground off Naples in storm, nobody hurt",
            text="The ferry Selene ran aground near Naples on Friday with 90 passengers, all of whom were brought ashore. "
            "It is the second accident of a ferry this week.",
            links=(address,),
        )
        placed = index.tell(later, gazetteer=PLACES)
        assert placed.compared[0][1].features["linked"] == 1.0
        assert placed.verdict.story is None

    def test_a_link_to_the_other_article_counts_from_either_side(self) -> None:
        """Even where their words are of two languages; an address at which no article can stand does not."""
        for address, linked in (("https://news.example/2024/ferry-aurora-sinks", 1.0), ("https://news.example/", 0.0)):
            for first, then in (
                (replace(FERRY, canonical_url=address), replace(FAEHRE, links=(address,))),
                (replace(FERRY, links=(address,)), replace(FAEHRE, canonical_url=address)),
            ):
                index = MemoryIndex()
                index.tell(first, gazetteer=PLACES)
                _, likeness = index.tell(then, "de", gazetteer=PLACES).compared[0]
                assert (likeness.features["linked"], likeness.features["links"]) == (linked, 0.0)

    def test_a_link_that_many_articles_carry_says_nothing(self) -> None:
        house = ("https://apps.example/app/courier-for-your-telephone",)
        index = MemoryIndex()
        for number in range(10, 60):
            index.tell(article(number, title=f"Notice {number} of council {number * 7}", links=house))
        index.tell(replace(FERRY, links=house))
        placed = index.tell(replace(FERRY_AGAIN, links=house))
        assert 0 < placed.compared[0][1].features["links"] < 0.5

    def test_a_roundup_is_tied_to_none_of_what_it_links_to(self) -> None:
        link = "https://harbour.example/notices/2024/names-of-the-aurora"
        others = tuple(f"https://news.example/2024/story-number-{n}" for n in range(10))
        index = MemoryIndex()
        index.tell(replace(FERRY, links=(link,)))
        assert index.tell(replace(FERRY_AGAIN, links=(*others, link))).compared[0][1].features["links"] == 0.0

    def test_an_address_alone_makes_no_story(self) -> None:
        link = ("https://harbour.example/notices/2024/names-of-the-aurora",)
        index = MemoryIndex()
        index.tell(replace(FERRY, links=link))
        assert index.tell(replace(OTHER_FERRY, links=link)).verdict.story is None

    def test_places_that_differ_are_seen(self) -> None:
        index = MemoryIndex()
        index.tell(FERRY, gazetteer=PLACES)
        placed = index.tell(OTHER_FERRY, gazetteer=PLACES)
        assert placed.compared[0][1].features["other_places"] == 1.0

    def test_titles_alone_are_judged_by_their_own_table(self) -> None:
        index = MemoryIndex()
        index.tell(replace(FERRY, text=""))
        assert index.tell(replace(FERRY_AGAIN, text="")).compared[0][1].kind == "titles"

    def test_chinese_tellings_are_compared_by_pairs_of_characters(self) -> None:
        index = MemoryIndex()
        index.tell(
            article(
                1,
                title="莱斯沃斯岛附近渡轮沉没两人死亡",
                text="渡轮奥罗拉号周二在莱斯沃斯岛附近沉没，海岸警卫队救起142名乘客。",
            ),
            "zh",
        )
        placed = index.tell(
            article(
                2,
                title="希腊渡轮沉没 142人获救",
                text="海岸警卫队从沉没的渡轮奥罗拉号救出142名乘客，两人死亡，地点在莱斯沃斯岛。",
            ),
            "zh",
        )
        assert placed.compared[0][1].features["both"] > 0.2

    def test_vietnamese_words_are_pairs_of_syllables(self) -> None:
        words = draft("Hà Nội mưa", "", "vi", gazetteer=PLACES)
        assert len([kind for kind in words.kinds if kind == 1]) == 5  # ha, noi, ha noi, mua, noi mua


class TestLaws:
    def test_every_feature_that_has_a_weight_is_made(self) -> None:
        index = MemoryIndex()
        index.tell(FERRY)
        features = index.tell(FERRY_AGAIN).compared[0][1].features
        assert {name for weights in WEIGHTS.values() for name in weights if name} <= features.keys()

    @pytest.mark.parametrize("kind", WEIGHTS)
    def test_more_agreement_never_counts_as_certain_doubt(self, kind: str) -> None:
        """All features at their best make a sure story, all at nothing make none."""
        names = {name for name in WEIGHTS[kind] if name}
        best = {name: 0.0 if name.startswith("other") else 1.0 for name in names}
        none = {name: 1.0 if name.startswith("other") else 0.0 for name in names}
        assert scored(Likeness(story=1, article=1, kind=kind, features=best))[0] > 0.9
        assert scored(Likeness(story=1, article=1, kind=kind, features=none))[0] < 0.1

    @settings(max_examples=30)
    @given(st.lists(st.sampled_from([FERRY, FERRY_AGAIN, OTHER_FERRY, FAEHRE]), max_size=8))
    def test_the_same_articles_in_the_same_order_make_the_same_stories(self, order: list[Article]) -> None:
        runs = []
        for _ in range(2):
            index = MemoryIndex()
            verdicts = [
                index.tell(replace(one, id=number), gazetteer=PLACES).verdict for number, one in enumerate(order)
            ]
            runs.append((index.stories(), verdicts))
        assert runs[0] == runs[1]

    @settings(max_examples=60)
    @given(st.text(max_size=300), st.text(max_size=600), st.sampled_from(["en", "zh", "ar", "vi", "uk", "xx", ""]))
    def test_any_text_can_be_placed(self, title: str, text: str, language: str) -> None:
        index = MemoryIndex()
        index.tell(FERRY)
        index.tell(article(2, title=title, text=text), language)
        index.tell(article(3, title=text, text=title), language)
        assert len(index.stories()) == 3


class TestBounds:
    def test_only_the_beginning_of_a_long_text_is_kept(self) -> None:
        """A hostile or endless article costs no more to keep than any other."""
        text = " ".join(f"Word{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}x" for i in range(400))
        text += " ".join(str(number) for number in range(1000, 1300))
        kept = draft("A headline", text, "en", gazetteer=PLACES)
        assert len(kept.hashes) <= 128 + 48 + 96

    def test_an_article_is_compared_with_a_bounded_number_of_stories(self) -> None:
        index = MemoryIndex()
        for number in range(1, 40):
            index.judge(article(100 + number, title="", text=""))
            index.tell(replace(FERRY, id=number, text=f"{FERRY.text} {number}"), alone=True)
        placed = index.tell(replace(FERRY_AGAIN, id=90))
        assert len(placed.compared) == 20

    def test_many_articles_of_one_story_are_not_all_looked_at(self) -> None:
        index = MemoryIndex()
        for number in range(1, 12):
            index.tell(replace(FERRY, id=number))
        assert index.tell(replace(FERRY_AGAIN, id=90)).verdict.story == 1

    def test_names_that_chinese_spells_by_sound_are_names(self) -> None:
        index = MemoryIndex()
        index.tell(article(1, title="Leaders of two great countries talk: Trump meets Merkel over trade", text=""))
        placed = index.tell(article(2, title="特朗普在柏林会见默克尔", text=""), "zh")
        assert placed.compared[0][1].features["names"] > 0

    def test_what_stands_beyond_the_last_point_of_a_line_is_worth_as_much(self) -> None:
        features = {name: 0.0 if name.startswith("other") else 5.0 for name in WEIGHTS["texts"]}
        assert scored(Likeness(story=1, article=1, kind="texts", features=features))[0] > 0.9

    def test_an_article_that_stands_alone_joins_nothing_and_stays_in_its_own_story(self) -> None:
        index = MemoryIndex()
        index.tell(FERRY)
        assert index.tell(replace(FERRY, id=2), alone=True).verdict.reason is StoryReason.NEW
        again = index.tell(replace(FERRY, id=2), alone=True).verdict
        assert (again.story, again.reason) == (2, StoryReason.SAME_ARTICLE)
