"""Where a feed's text (§) and a link (¶) may stand in a page of a person's own, and where they could act."""

from __future__ import annotations

import pytest

from monitor.alerts import check_template

REFUSED = {
    # Elements whose words are no words, however they are written.
    "<style/>§": "<style>",
    "<style/>§</style>": "<style>",
    "<STYLE>§</STYLE>": "<style>",
    "<style>b { }</styles>§</style>": "<style>",
    "<style></\u017ftyle>§</style>": "<style>",
    "<style>§": "<style>",
    "<script/>§": "or after <script>",
    "<script/>x</script>§": "or after <script>",
    "<scr\0ipt>§": "or after <script>",
    "<SCRIPT\n>§</SCRIPT>": "or after <script>",
    "<!-- <script> -->§": "or after <script>",
    "<b title='<script>'>§</b>": "or after <script>",
    "<noscript>§</noscript>": "or after <noscript>",
    "<iframe>§</iframe>": "or after <iframe>",
    "<noembed>§</noembed>": "or after <noembed>",
    "<noframes>§</noframes>": "or after <noframes>",
    "<xmp>§</xmp>": "or after <xmp>",
    "<plaintext>§": "or after <plaintext>",
    "<textarea>§</textarea>": "or after <textarea>",
    "<select><option>§</select>": "or after <select>",
    "<svg><a href='¶'>x</a></svg>": "or after <svg>",
    "<svg><style><b title='</style>§": "or after <svg>",
    "<math><mtext>§": "or after <math>",
    "<title><b>§</b></title>": "or after <title>",
    "<title><b title='</title>§'>": "or after <title>",
    "<style><b title='</style>§'>": "or after <style>",
    # What is no element at all.
    "<!-- §": "a tag",
    "<!-- § -->": "a comment",
    "<!-- > § -->": "a comment",
    "<!--[if mso]><a href='¶'>x</a><![endif]-->": "a comment",
    "<!DOCTYPE html SYSTEM '¶'>": "a declaration",
    "<!ENTITY x '§'>": "a declaration",
    "<![CDATA[§]]>": "a declaration",
    "<?xml version='§'?>": "a declaration",
    "<!§>": "a declaration",
    "</§>": "a declaration",
    "</ §>": "a declaration",
    "<§": "a tag",
    "<b§>x": "a tag",
    "</b §>": "a tag",
    "</a href='¶'>": "a tag",
    "<a href='¶": "a tag",
    "<a href='x' title=\"§>": "a tag",
    # Attributes.
    "<link href='¶'>": "the attribute href of <link>",
    "<base href=¶>": "the attribute href of <base>",
    "<area href='¶'>": "the attribute href of <area>",
    "<a<b href='¶'>": "the attribute href of <a<b>",
    "<img src='¶'>": "the attribute src of <img>",
    "<form action='¶'>": "the attribute action of <form>",
    "<button formaction='¶'>": "the attribute formaction of <button>",
    "<meta http-equiv=refresh content='0;url=¶'>": "the attribute content of <meta>",
    "<p style='color:§'>": "the attribute style of <p>",
    "<a ping='¶' href='¶'>": "the attribute ping of <a>",
    "<a xlink:href='¶'>": "the attribute xlink:href of <a>",
    "<a href='¶' onclick='§'>": "the attribute onclick of <a>",
    "<a href='§'>": "the attribute href of <a>",
    "<a href=§>": "the attribute href of <a>",
    "<a href='¶¶'>": "the attribute href of <a>",
    "<a href=' ¶'>": "the attribute href of <a>",
    "<a href='¶?x'>": "the attribute href of <a>",
    "<a href=¶/>": "the attribute href of <a>",
    "<a href='javascript:¶'>": "the attribute href of <a>",
    "<a href=`¶`>": "the attribute href of <a>",
    "<a class=x/href='¶'>": "the attribute class of <a>",
    "<a href='¶'§>": "an attribute's name",
    "<a href='¶' §>": "an attribute's name",
    "<b §='x'>": "an attribute's name",
    "<b =§>": "an attribute's name",
    "<b/§>": "an attribute's name",
    "<b x='>' §>": "an attribute's name",
    "<b x=a'b § c'>": "an attribute's name",
}
SOUND = [
    "<p>§</p>",
    "a < § > b",
    "<a href='¶'>§</a>",
    '<A\nHREF = "¶" class=x>§</A>',
    "<a href=¶>§</a>",
    "<a class='x'/href='¶'>§</a>",
    "<title>§</title><b>§</b>",
    "<style>a > b { color: red }</style ><b>§</b>",
    "<style></style/>§",
    "<style><!-- b { } --></style>§",
    "<!-- mine -->§",
    "<!-->§",
    "<!--->§",
    "<!-- --!>§",
    "<!--[if !mso]><!-->§<!--<![endif]-->",
    "<!DOCTYPE html>§",
    "<?xml version='1.0'?></>§",
    "<br/>§<hr>",
    "<b x>§<b x=>§<b x = y z>§",
    "<b title='<style>'>§</b>",
    "§<script>mine()</script>",
    "<slot>§</slot>",
    "§ <a href='x",
]


def _faults(shape: str) -> str:
    text = shape.replace("§", "{{ headline }}").replace("¶", "{{ link }}")
    found = check_template("alert.html", text, {})
    return "; ".join(fault.message for fault in found) if isinstance(found, list) else ""


@pytest.mark.parametrize("shape", REFUSED)
def test_a_place_where_a_text_could_act_is_refused_and_named(shape: str) -> None:
    assert _faults(shape) == f"a feed's text stands in {REFUSED[shape]}, where it could act"


@pytest.mark.parametrize("shape", SOUND)
def test_among_the_words_and_as_an_address_it_may_stand(shape: str) -> None:
    assert _faults(shape) == ""


@pytest.mark.parametrize("shape", REFUSED)
def test_without_a_feeds_text_the_same_page_is_its_authors_own(shape: str) -> None:
    assert _faults(f"ours {shape.replace('§', 'ours').replace('¶', '/ours')}") == ""
