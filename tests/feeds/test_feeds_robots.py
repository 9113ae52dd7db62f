"""robots.txt, by RFC 9309."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.feeds import ALLOW_ALL, REFUSE_ALL, read_robots


def allowed(file: str, path: str, agent: str = "NewsWatch") -> bool:
    return read_robots(file.encode(), agent=agent).allows(f"https://e.example{path}")


@pytest.mark.parametrize(
    ("rules", "path", "answer"),
    [
        ("", "/a", True),
        ("Disallow:", "/a", True),
        ("Disallow: /", "/a", False),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /a", "/b", True),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a/b\nDisallow: /a", "/a/c", False),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Disallow: /*.pdf$", "/x/y.pdf", False),
        ("Disallow: /*.pdf$", "/x/y.pdf?1", True),
        ("Disallow: /*/print", "/2024/print/1", False),
        ("Disallow: /*/print", "/print", True),
        ("Disallow: /a$", "/a", False),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /a*b*a$", "/aba", False),
        ("Disallow: /a*ba$", "/a", True),
        ("Disallow: /?s=", "/?s=x", False),
        ("Disallow: /é", "/%C3%A9t%C3%A9", False),
        ("Disallow: /a # a remark", "/a", False),
        ("nonsense\nDisallow: /a", "/a", False),
    ],
)
def test_the_longest_pattern_decides(rules, path, answer):
    assert allowed(f"User-agent: *\n{rules}", path) is answer


def test_a_group_that_names_us_is_the_only_one_that_counts():
    file = "User-agent: *\nDisallow: /\n\nUser-agent: Other\nUser-Agent: newswatch/1.0\nDisallow: /private\nSitemap: https://e.example/s.xml\n"
    assert (allowed(file, "/a"), allowed(file, "/private"), allowed(file, "/a", "Nobody")) == (True, False, False)
    assert (
        allowed("User-agent: NewsWatch\n\nUser-agent: *\nDisallow: /a", "/a") is False
    )  # names without rules between share a group


def test_groups_of_one_name_are_one_and_a_mark_before_them_does_no_harm():
    assert not allowed(
        "\ufeffUser-agent: *\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: *\nDisallow: /b", "/b"
    )


def test_the_pause_asked_for_is_kept_within_bounds():
    def pause(file: str) -> float:
        return read_robots(file.encode(), agent="NewsWatch").pause.total_seconds()

    assert pause("User-agent: *\nCrawl-delay: 2.5") == 2.5
    assert pause("User-agent: *\nCrawl-delay: 9999") == 30
    assert pause("User-agent: *\nCrawl-delay: 9\nUser-agent: newswatch\nCrawl-delay: 3") == 3
    assert pause("User-agent: *\nCrawl-delay: soon") == pause("User-agent: other\nCrawl-delay: 5") == 0


def test_without_a_file_all_is_allowed_and_in_trouble_nothing():
    assert ALLOW_ALL.allows("https://e.example/")
    assert ALLOW_ALL.pause == timedelta(0)
    assert not REFUSE_ALL.allows("https://e.example/a?b")
