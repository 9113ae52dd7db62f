"""What an article's fingerprint keeps, and what it leaves out."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.stories import fingerprint
from monitor.stories.fingerprints import LEVELS, at_level
from monitor.stories.furniture import story_lines


def words(count: int, name: str = "word") -> str:
    return " ".join(f"{name}{chr(97 + i // 676 % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i % 26)}" for i in range(count))


class TestShingles:
    def test_the_same_words_give_the_same_shingles_however_they_are_typed(self) -> None:
        """Case, accents, apostrophes and line ends of a copy do not make another text."""
        one = fingerprint("", "L’État a retiré ses soldats de la région du nord.")
        other = fingerprint("", "l'Etat a retire ses soldats\u00a0de la région   du NORD\r\n")
        assert one.shingles == other.shingles != ()

    def test_shingles_fit_sqlite_and_are_the_same_in_another_process(self) -> None:
        """A hash that changed from run to run would never find what was stored."""
        text = "Three ships left the harbour before the storm."
        code = f"from monitor.stories import fingerprint; print(fingerprint('', {text!r}).shingles)"
        other = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
        )
        mine = fingerprint("", text).shingles
        assert other.stdout.strip() == str(mine)
        assert all(-(2**63) <= value < 2**63 for value in mine)

    def test_a_short_text_keeps_every_run_of_three_words(self) -> None:
        print_ = fingerprint("", words(20))
        assert (len(print_.shingles), print_.level, print_.words) == (18, 1, 20)

    def test_a_long_text_keeps_a_sample_that_is_part_of_the_denser_ones(self) -> None:
        """Copies of different lengths, sampled at different levels, still share what both keep."""
        middle, long = fingerprint("", words(300)), fingerprint("", words(4000))
        assert (middle.level, long.level) == (4, 16)
        assert 80 <= len(middle.shingles) <= 150
        assert 230 <= len(long.shingles) <= 370
        assert set(at_level(middle.shingles, 16)) <= set(long.shingles)

    def test_the_beginning_of_a_long_text_is_kept_whole(self) -> None:
        """Two or three sentences: what other outlets carry as a summary."""
        assert set(fingerprint("", words(50)).shingles) <= set(fingerprint("", words(4000)).shingles)

    def test_words_on_two_lines_make_no_run(self) -> None:
        """Short rows of page furniture leave no trace of their own."""
        assert fingerprint("", "Read more\nLatest news\nWorld report\nOur team").shingles == ()

    def test_a_line_that_a_page_repeats_counts_once(self) -> None:
        line = "The ministers of both countries met in the capital."
        assert fingerprint("", f"{line}\nMore\n{line}").words == fingerprint("", f"{line}\nMore").words

    def test_chinese_runs_do_not_depend_on_where_the_line_begins(self) -> None:
        """Six characters make a run, from each character on, so that a prefix shifts nothing."""
        text = "伊拉克政府希望国际联盟在明年九月之前结束任务"
        with_dateline = fingerprint("", f"巴格达电{text}")
        assert set(fingerprint("", text).shingles) < set(with_dateline.shingles)
        assert len(fingerprint("", text).shingles) == len(text) - 5

    def test_thai_runs_are_twelve_characters_long(self) -> None:
        text = "รัฐบาลอิรักต้องการยุติภารกิจ"
        kept = fingerprint("", text)
        assert 0 < len(kept.shingles) < len(text)

    def test_a_run_with_a_number_is_known_as_such(self) -> None:
        print_ = fingerprint("", "The rate rose to 42 percent in the second quarter of the year.")
        assert len(print_.numbers) == 3
        assert set(print_.numbers) <= set(print_.shingles)

    def test_an_empty_article_has_an_empty_fingerprint(self) -> None:
        print_ = fingerprint("", "")
        assert (print_.shingles, print_.title_key, print_.words, print_.pattern) == ((), "", 0, None)

    def test_a_megabyte_is_read_only_in_part(self) -> None:
        """A hostile feed may send a book; the first 20,000 words or so tell which one it is."""
        assert (
            len(fingerprint("", "\n".join(words(17_576, name) for name in ("word", "late", "last"))).shingles) < 1_500
        )

    @settings(max_examples=60)
    @given(st.text(max_size=400), st.text(max_size=400))
    def test_any_title_and_text_are_taken(self, title: str, text: str) -> None:
        """Whatever a feed holds, there is a fingerprint, and it is the same the second time."""
        assert fingerprint(title, text) == fingerprint(title, text)

    def test_half_a_surrogate_pair_loses_no_article(self) -> None:
        assert fingerprint("Broken \ud83d title of four words", "one two \udc00 three four").shingles


class TestLevels:
    def test_each_level_is_a_part_of_the_one_before(self) -> None:
        assert all(coarse % fine == 0 for fine, coarse in itertools.pairwise(LEVELS))


class TestTitleKey:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Iraq wants coalition mission concluded - Reuters", "Iraq wants coalition mission concluded"),
            ("Iraq wants coalition mission concluded | BBC News", "Iraq wants coalition mission concluded"),
            ("Iraq wants coalition mission concluded — The Daily Star", "IRAQ WANTS COALITION MISSION CONCLUDED"),
            ("UPDATE 2-Iraq wants coalition mission concluded", "Iraq wants coalition mission concluded"),
            ("BREAKING: Iraq wants coalition mission concluded", "Iraq wants coalition mission concluded"),
            ("L’Irak veut conclure la mission :: Agence Nord", "L'Irak veut conclure la mission"),
            ("Ирак хочет завершить миссию коалиции — Новая Заря", "Ирак хочет завершить миссию коалиции"),
        ],
    )
    def test_the_outlet_and_the_desks_label_are_no_part_of_a_headline(self, one: str, other: str) -> None:
        assert fingerprint(one, "").title_key == fingerprint(other, "").title_key != ""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Iraq wants coalition mission concluded", "Iraq wants coalition mission extended"),
            ("Minister leaves government coalition – talks go on", "Minister leaves government coalition – vote today"),
            ("Ceasefire holds for second night - 12 wounded", "Ceasefire holds for second night - 40 wounded"),
            ("Quake shakes western province, killing 12", "Quake shakes western province, killing 13"),
        ],
    )
    def test_headlines_that_say_different_things_have_different_keys(self, one: str, other: str) -> None:
        keys = {fingerprint(one, "").title_key, fingerprint(other, "").title_key}
        assert len(keys) == 2
        assert "" not in keys

    @pytest.mark.parametrize(
        "title",
        [
            "",
            "Live updates",
            "News in brief",
            "World - Reuters",
            "The day in pictures",
            "直播",
            "Vidéo | France Info",
            "- - -",
        ],
    )
    def test_a_title_that_says_too_little_is_no_identity(self, title: str) -> None:
        assert fingerprint(title, "").title_key == ""

    def test_a_long_outlet_name_never_eats_a_short_headline(self) -> None:
        assert fingerprint("Ceasefire holds overnight - Herald Tribune", "").title_key == ""
        assert "standard" in fingerprint("Peace - The Evening Standard Gazette Weekly Review", "").title_key

    def test_titles_that_differ_in_numbers_alone_share_their_pattern(self) -> None:
        march = fingerprint("Daily weather for the coast 12 March", "")
        assert march.pattern == fingerprint("Daily weather for the coast 13 March", "").pattern is not None
        assert march.pattern in march.shingles
        assert fingerprint("Daily weather for the coast", "").pattern is None


class TestFurniture:
    @pytest.mark.parametrize(
        "line",
        [
            "footer.phone",
            "article_share_title",
            "fbtelegramyoutubexinstagramtiktokdzenspotify",
            "Facebook Twitter WhatsApp E-mail",
            "Share this article on Facebook",
            "Partager sur Telegram",
            "Поделиться в Telegram",
            "© 2024 AGENCE DU NORD",
            "(c) 2023 Northern Press. All rights reserved.",
            "La reproduction de ce texte nécessite l'autorisation écrite de l'agence",
            "7 minutes de lecture",
            "5 min read",
            "Lesezeit: 4 Minuten",
            "3 мин чтения",
            "https://example.org/news/1",
            "desk@example.org",
            "* * *",
            "Arménie, Erevan, 0002, Rue Haute 22",
            "",
        ],
    )
    def test_a_line_of_page_furniture_is_left_out(self, line: str) -> None:
        assert story_lines(f"The council met at noon.\n{line}\nIt voted late.") == [
            "The council met at noon.",
            "It voted late.",
        ]

    @pytest.mark.parametrize(
        "line",
        [
            "Facebook said on Monday that it would appeal.",
            "Telegram founder detained in Paris",
            "The court ruled that the copyright in the song had passed to the heirs "
            + "of the late composer " * 10
            + "at last",
            "He walked for 20 minutes to the station.",
            "London, Paris, Berlin and Rome agreed.",
            "Three people died, 14 were hurt, 2 are missing.",
            "Bagdad",
            "x" * 601,
        ],
    )
    def test_a_line_that_tells_something_stays(self, line: str) -> None:
        assert line in story_lines(f"First.\n{line}")
