"""HTML becomes the words that a reader sees, one block a line."""

from __future__ import annotations

import html
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds import html_to_text
from monitor.feeds.markup import looks_like_html, plain_lines


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>one</p><p>two &amp; three</p>", "one\ntwo & three"),
        ("a<br>b<br/>c<BR />d", "a\nb\nc\nd"),
        ("in<b>fl</b>ation", "inflation"),
        ("line\nbreaks   in\tsource\xa0are blanks", "line breaks in source are blanks"),
        ("<ul><li>one<li>two</ul>end", "one\ntwo\nend"),
        ("<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>", "a b\nc"),
        ("<script>if (a<b) alert('</p>')</script>z", "z"),
        ("<style>p{}</style><SCRIPT src=x></SCRIPT >z", "z"),
        ("x<script>never ends", "x"),
        ("<iframe src='x'/>after", "after"),
        ("<!-- <p>no</p> -->yes<!-- open", "yes"),
        ("<![CDATA[kept]]> words", "kept words"),
        ("<?php x ?><!DOCTYPE html>words", "words"),
        ("<div style='x: y; DISPLAY : none'>no<div>no</div>no</div>yes", "yes"),
        ("<span hidden>no<span>no</span>no</span>yes", "yes"),
        ("<p hidden='until-found'>kept</p>", "kept"),
        ("<p hidden>an element that never closes keeps its words", "an element that never closes keeps its words"),
        ("<img hidden>words", "words"),
        ("<i>a</b></i> stray ends", "a stray ends"),
        ("<a title='x>y' data-x=\"<p>\">label</a>", "label"),
        ('<a href="x"">label</a>', "label"),
        ("5 < 6 and x <y stay", "5 < 6 and x <y stay"),
        ("&lt;p&gt;escaped &amp;amp; twice&lt;/p&gt;", "escaped & twice"),
        ("AT&amp;amp;T", "AT&T"),
        ("<code>&lt;b&gt;bold&lt;/b&gt;</code>", "<b>bold</b>"),
        ("&eacute;&#233;&#xE9;&hellip;&bogus;", "ééé…&bogus;"),
        ("", ""),
    ],
)
def test_markup_goes_and_words_stay(source, text):
    assert html_to_text(source) == text


@pytest.mark.parametrize(
    ("text", "markup"),
    [("<b>x</b>", True), ("x<br>y", True), ("a &amp; b", True), ("&#8217;", True), ("AT&T", False), ("&bogus;", False),
     ("Vec<int> and <foo>", False), ("a < b > c", False), ("</vector>", False)],
)  # fmt: skip
def test_only_real_markup_looks_like_it(text, markup):
    assert looks_like_html(text) is markup


@given(st.text())
def test_escaped_words_come_back_as_they_were(text):
    """A paragraph of escaped text says that text, blanks aside."""
    assert html_to_text(f"<p>{html.escape(text)}</p>") == " ".join(html.unescape(html.escape(text)).split())


@given(st.text(alphabet="<>/!-&;ap \"'=[]?", max_size=80))
def test_any_garbage_is_read(text):
    assert "\n\n" not in html_to_text(text)
    assert plain_lines(html_to_text(text)) == html_to_text(text)


@pytest.mark.parametrize(
    "piece", ["<a ", "<", "<!--", "<script>", "<div hidden>", '<a "', "&", "<a '\"", "</p", "<script '"]
)
def test_hostile_repetition_takes_linear_time(piece):
    start = time.process_time()
    html_to_text(piece * 50_000)
    assert time.process_time() - start < 5
