"""Real confusions, each in its language: what a rule must meet and what it must not.

Every row is (language of the article, query, text, whether it is met). ``T|B`` stands for title and body.
"""

from __future__ import annotations

import pytest

from monitor.rules import Concept, Name, Rule, build, build_concept, lexicon, make_document, parse_query
from monitor.text import Language


def concept(name: str, **languages: list[object]) -> Concept:
    names = []
    for language, items in languages.items():
        shaped = (item if isinstance(item, dict) else {"text": item} for item in items)
        names.extend(Name(language=language, **item) for item in shaped)
    return Concept(name=name, names=tuple(names))


CONCEPTS = {
    one.name: one
    for one in (
        concept(
            "is",
            en=["Islamic State", "ISIS", {"text": "IS", "near": ("jihad*", "Syria"), "negative": ("IS-LM",)}],
            fr=["État islamique", "Daech", {"text": "EI", "near": ("Syrie", "Irak", "jihad*")}],
            ar=["تنظيم الدولة", "داعش"],
            hy=["Իսլամական պետությ*"],
            zh=[{"text": "伊斯兰国", "negative": ("伊斯兰国家",)}],
            ja=[{"text": "イスラム国", "negative": ("イスラム国家",)}],
            es=[{"text": "Estado Islámico", "exact": True}, {"text": "estado islámico", "near": ("grupo",), "negative": ("estados islámicos",)}],
            tr=["IŞİD"],
            ru=["ИГИЛ", {"text": "Исламское государство", "exact": True}],
            de=["Islamischer Staat"],
        ),
        concept(
            "coalition",
            en=[{"text": "coalition", "negative": ("coalition government", "governing coalition")}, "US-led coalition"],
            fr=[{"text": "coalition", "negative": ("gouvernement de coalition",)}],
        ),
        concept("withdrawal", en=["withdrawal", "withdraw", "withdrew", "pull out ~2", "end ... mission"], fr=["retrait", "conclure la mission", "fin mission ~3"]),
        concept("usa", any=["US", "Pentagon"], en=["@any_usa"]),
        concept("any_usa", any=["Washington"]),
    )
}  # fmt: skip

ROWS = [
    # inflection, and where it must stop
    ("en", "withdraw", "Troops are withdrawing", True),
    ("en", "withdraw", "Troops withdrew", False),
    ("en", "@withdrawal", "Troops withdrew", True),
    ("en", "troop", "The troops left", True),
    ("en", "{troop}", "The troops left", False),
    ("en", "{Turkey}", "turkey for dinner", False),
    ("en", "{Turkey}", "Turkey for dinner", True),
    ("en", "turkey", "TURKEY SAYS", True),
    ("fr", "retrait", "les retraits des troupes", True),
    ("fr", "retrait", "l'âge de la retraite", False),
    ("fr", "troupe", "les troupes", True),
    ("fr", '"troupe américaine"', "les troupes américaines", True),
    ("fr", '"troupe américaine"', "la troupe d'une Américaine", False),
    ("ru", "войска", "вывод войск из Ирака", True),
    ("ru", "коалиция", "миссия коалиции", True),
    ("pl", "koalicja", "misja koalicji", True),
    ("pl", "PO", "po wyborach", False),
    ("pl", "PO", "Politycy PO mówią", True),
    ("sl", "STA", "ki sta odšla", False),
    ("no", "IS", "is på veien", False),
    ("no", "IS", "Angrep av IS i Syria", True),
    ("uk", "коаліція", "місія коаліції", True),
    ("cs", "koalice", "mise koalicí", True),
    ("bg", "коалиция", "мисията на коалицията", True),
    ("tr", "koalisyon", "koalisyonun görevi", True),
    ("de", "Soldat", "Die Soldaten gehen", True),
    ("es", "soldado", "los soldados", True),
    ("it", "soldato", "i soldati", True),
    ("hy", "կոալիցիա", "կոալիցիայի առաքելությունը", True),
    # accents, apostrophes, elision, width, marks of no width
    ("fr", "Etat", "l'État", True),
    ("fr", "État", "l’Etat", True),
    ("fr", "État", "lʼÉtat", True),
    ("fr", '"État islamique"', "contre l’État islamique", True),
    ("fr", '"l\'État islamique"', "contre l’État islamique", True),
    ("fr", '"un État islamique"', "contre l’État islamique", False),
    ("en", "Iraq", "Iraq’s army", True),
    ("en", "Islamic", "Isl\u00adamic", True),
    ("en", "Islamic", "Is\u200blamic", True),
    ("en", "ISIS", "ＩＳＩＳ said", True),
    ("en", "ISIS", "ІSІS said so", True),
    ("tr", "IŞİD", "IŞİD saldırdı", True),
    ("tr", "@is", "IŞİD'in saldırısı", True),
    ("tr", "istanbul", "İSTANBUL'DA PATLAMA", True),
    ("de", "strasse", "auf der Straße", True),
    # Arabic and Hebrew
    ("ar", "@is", "والدولة تقاتل لداعش", True),
    ("ar", "@is", "هجوم تنظيم الدولة في العراق", True),
    ("ar", "الدولة", "والدولة", True),
    ("ar", "العراق", "في الـعـراق", True),
    ("ar", "أمريكا", "امريكا", True),
    ("he", "ישראל", "בישראל", True),
    # scripts without spaces
    ("zh", "@is", "打击伊斯兰国的行动", True),
    ("zh", "@is", "伊斯兰国家会议", False),
    ("zh", "伊拉克", "美军撤出伊拉克", True),
    ("ja", "@is", "過激派組織イスラム国の声明", True),
    ("ja", "@is", "イスラム国家の会議", False),
    ("zh", "美军 NEAR/1 伊拉克", "美军撤出伊拉克", True),
    ("zh", "美军 NEAR/0 伊拉克", "美军撤出并且离开伊拉克", False),
    ("th", "อิรัก", "ทหารสหรัฐในอิรักถอนตัว", True),
    # acronyms
    ("en", "US", "gave us hope", False),
    ("en", "US", "the US gave", True),
    ("en", "us", "the US gave", True),
    ("en", "US", "the U.S. gave", True),
    ("en", "isis", "ISIS attacks", True),
    ("en", "ISIS", "the goddess Isis", False),
    ("en", "US", "THIS IS WHAT THEY GAVE US TODAY", False),
    ("en", "US", "THIS IS WHAT THEY GAVE US TODAY|The US said so.", True),
    ("en", "US", "THIS IS WHAT THEY GAVE US TODAY|They gave us hope.", False),
    ("en", "title:US", "THIS IS WHAT THEY GAVE US TODAY|The US said so.", True),
    ("en", "{US}", "THIS IS WHAT THEY GAVE US TODAY", False),
    ("en", "@is", "ISIS CLAIMS THE ATTACK IN THE CITY", False),
    ("en", "@is", "ISIS CLAIMS THE ATTACK IN THE CITY|Islamic State said so.", True),
    ("en", "@is", "ISLAMIC STATE CLAIMS THE ATTACK IN THE CITY", True),
    ("en", "@usa", "THIS IS WHAT THEY GAVE US TODAY|The Pentagon said so.", True),
    ("en", '"US troops"', "US TROOPS LEAVE BASES IN THE NORTH", True),
    ("en", '"US troops"', "she told us troops came", False),
    ("en", '"ISLAMIC STATE"', "the Islamic state", True),
    ("en", "UNRWA", "unrwa said", False),
    ("en", "MINUSMA", "Minusma leaves", True),
    ("en", "source:afp", "x", True),
    ("en", "source:AFP", "x", True),
    # names with context
    ("fr", "@is", "Le bureau de l'EI à Paris", False),
    ("fr", "@is", "L'EI recule en Syrie", True),
    ("fr", "@is", "La Syrie|Longtemps après, l'EI recule.", True),
    ("fr", "@is", "L'EI recule|Des djihadistes et des jihadistes.", True),
    ("fr", "@is", "Titre|L'EI. " + "mot " * 60 + "Syrie", False),
    ("fr", "@is", "Titre|L'EI. " + "mot " * 40 + "\n\nSyrie", True),
    ("en", "@is", "The IS-LM model of Syria", False),
    ("en", "@is", "In Syria IS fights", True),
    ("en", "@coalition", "The governing coalition fell", False),
    ("en", "@coalition", "A coalition government", False),
    ("en", "@coalition", "The coalition left", True),
    ("es", "@is", "el grupo Estado Islámico", True),
    ("es", "@is", "un estado islámico", False),
    ("es", "@is", "el grupo de estado islámico", True),
    ("es", "@is", "el grupo de estados islámicos", False),
    ("fr", "@is", "un ennemi, the Islamic State, dit-il", True),
    ("fr", "@is", "les jihadistes d'Islamic States", False),
    ("hy", "@is", "«Իսլամական պետության» դեմ", True),
    ("ru", "@is", "ИГИЛ взял ответственность", True),
    ("de", "@is", "des Islamischen Staates", True),
    # names with gaps
    ("en", "@withdrawal", "wants to end the coalition mission", True),
    ("en", "@withdrawal", "wants to end the long and costly mission", False),
    ("en", "@withdrawal", "the mission will end", False),
    ("en", "@withdrawal", "They pulled all troops out", True),
    ("en", "@withdrawal", "They pulled all of the troops out", False),
    ("fr", "@withdrawal", "la fin de la mission", True),
    ("en", "@usa", "Washington said", True),
    # phrases and NEAR: places
    ("en", '"Islamic State"', "Islamic|State", False),
    ("en", '"Islamic State"', "x|Islamic\n\nState", False),
    ("en", "Islamic NEAR/5 State", "Islamic|State", False),
    ("en", "Islamic NEAR/5 State", "x|Islamic\nState", False),
    ("en", "Islamic AND State", "Islamic|State", True),
    ("en", "leave NEAR/2 iraq", "leave all of iraq", True),
    ("en", "leave NEAR/1 iraq", "leave all of iraq", False),
    ("en", "iraq NEAR/2 leave", "leave all of iraq", True),
    ("en", "iraq ONEAR/2 leave", "leave all of iraq", False),
    ("en", "leave ONEAR/2 iraq", "leave all of iraq", True),
    ("en", '"leave all of iraq" ONEAR/2 all', "leave all of iraq", False),
    ("en", "leave NEAR/0 iraq", "leave iraq", True),
    ("en", "iraq NEAR/5 iraq", "iraq", False),
    ("en", "iraq NEAR/5 iraq", "iraq and iraq", True),
    ("en", '"leave iraq"~0', "iraq leave", True),
    ("en", '"troops leave iraq"~1', "iraq sees troops leave", True),
    ("en", '"troops leave iraq"~1', "iraq now sees troops leave", False),
    ("en", '"troops leave iraq"~1', "troops leave iran", False),
    ("en", "@coalition", "The US-led coalition government effort", True),
    ("fr", "@coalition NEAR/12 @withdrawal", "L’Irak veut conclure la mission de la coalition", True),
    ("fr", '"conclure la mission" NEAR/0 "mission de la coalition"', "conclure la mission de la coalition", True),
    ("fr", '"conclure la mission" ONEAR/0 "mission de la coalition"', "conclure la mission de la coalition", True),
    ("fr", '"mission de la coalition" ONEAR/0 "conclure la mission"', "conclure la mission de la coalition", False),
    ("en", "title:iraq", "x|iraq", False),
    ("en", "body:iraq", "x|iraq", True),
    ("en", "title:iraq NEAR/3 body:us", "iraq us", False),
    ("en", "SENTENCE(iraq AND troops)", "x|Iraq spoke. The troops left.", False),
    ("en", "SENTENCE(iraq AND troops)", "x|Iraq saw the troops leave. They left.", True),
    ("en", "SENTENCE(iraq NOT troops)", "x|Iraq spoke. The troops left.", True),
    ("en", "ATLEAST/2(iraq)", "Iraq|Iraq spoke.", True),
    ("en", "ATLEAST/3(iraq)", "Iraq|Iraq spoke.", False),
    ("en", 'ATLEAST/2("US-led coalition" OR coalition)', "The US-led coalition", False),
    # negation counts for the whole article, quotations too
    ("en", "iraq NOT iran", 'Iraq|He said: "not Iran"', False),
    ("en", "iraq NOT title:iran", "Iraq|Iran too", True),
    # spelled oddly
    ("en", "AT&T", "AT&T said", True),
    ("en", "C++", "written in C++ today", True),
    ("en", "C++", "written in C today", False),
    ("en", '"U.S.-led"', "the US-led effort", True),
    ("en", "jihad*", "jihadists", True),
    ("en", "wom?n", "women and men", True),
    ("en", "wom?n", "womaan", False),
    ("en", "col*r*s", "many colours here", True),
    ("en", "col*r*s", "many colour here", False),
    ("en", "anti-terror*", "the anti-terrorism law", True),
    ("en", "anti-terror*", "the terrorism law", False),
    # other fields
    ("en", "url:/sport/", "x", True),
    ("en", "url:example.org/*/2024", "x", True),
    ("en", "url:example.com", "x", False),
    ("en", "url:/sports?.live/", "x", True),
    ("en", "author:smith", "x", True),
    ("en", "author:/smiths?/", "x", True),
    ("en", "tag:world", "x", True),
    ("en", "tag:wor*", "x", True),
    ("en", "tag:orld", "x", False),
    ("en", 'tag:"middle east"', "x", True),
    ("en", "lang:en", "x", True),
    ("en", "lang:fr", "x", False),
    ("en", "x AND lang:(fr OR en-GB)", "x", True),
    ("en", "/drone[- ]?strike/", "a Drone-Strike came", True),
    ("en", "/drone[- ]?strike/", "a drone came", False),
    ("en", "/drone.strike/ NEAR/2 iraq", "a drone strike in Iraq", True),
    ("en", "/\\w*tanbul/", "İstanbul'da", True),
    ("und", "troop", "The troops left", False),
    ("und", "troops", "The troops left", True),
]  # fmt: skip


@pytest.mark.parametrize(("language", "query", "article", "met"), ROWS)
def test_trap(language: str, query: str, article: str, met: bool) -> None:
    title, _, body = article.partition("|")
    document = make_document(
        title=title,
        body=body,
        language=Language(language, None, sure=True),
        source="AFP NEWS AGENCY",
        url="https://www.example.org/sport/live/2024",
        author="Jo Smith",
        tags=["World", "Middle East"],
    )
    rules = build([Rule(name="it", root=parse_query(query, concepts=CONCEPTS))], CONCEPTS)
    assert bool(rules.match(document)) is met, rules.explain(document, "it").lines()


def met_by(
    raw: dict[str, list[dict[str, object]]], body: str, language: str, title: str = "", own: Language | None = None
) -> bool:
    """Whether a concept of these names is met."""
    made = {"it": build_concept("it", raw)}
    document = make_document(title=title, body=body, language=Language(language, None, sure=True), title_language=own)
    return bool(build([Rule(name="it", root=parse_query("@it", concepts=made))], made).match(document))


@pytest.mark.parametrize(
    ("language", "name", "ruled_out", "text", "met"),
    [
        ("es", "retirada", "retirado", "El general retirado publicó sus memorias.", False),
        ("es", "retirada", "retirado", "El general retirado habló de la retirada.", True),
        ("ru", "вывод", "выводы", "Комиссия сделала выводы.", False),
        ("ru", "вывод", "выводы", "Комиссия обсудила вывод войск.", True),
        ("en", "operate", "operators", "Mobile operators raised prices.", False),
    ],
)
def test_a_form_of_a_name_can_be_ruled_out_by_itself(language, name, ruled_out, text, met):
    """``not`` may cover the very words of the name: a form that means something else though it has the same stem."""
    assert met_by({language: [{"name": name, "not": [ruled_out]}]}, text, language) is met


@pytest.mark.parametrize(
    ("body", "met"),
    [
        ("They will end the military mission soon.", True),  # in the gap
        ("They will end their long mission, a military one.", True),  # outside
        ("They will end their long mission.", False),
        ("They will end the mission.", False),
    ],
)
def test_a_near_word_may_stand_in_the_gaps_of_a_name(body, met):
    assert met_by({"en": [{"name": "end mission ~3", "near": ["military", "soldier"]}]}, body, "en") is met


def test_a_names_own_words_are_never_near_it():
    assert not met_by({"en": [{"name": "end mission ~3", "near": ["mission"]}]}, "They end the mission.", "en")
    assert met_by(
        {"en": [{"name": "end mission ~3", "near": ["mission"]}]}, "They end the mission. A long mission.", "en"
    )


def test_a_title_in_another_language_is_read_in_its_own_forms():
    """An English title over a French text, as agencies send them: each field meets the forms of its language."""
    raw = {"en": [{"name": "withdraw troops ~2"}], "fr": [{"name": "soldat"}]}
    body = "La réunion a eu lieu hier."
    english = Language("en", None, sure=True)
    assert met_by(raw, body, "fr", title="Withdrawing all troops", own=english)
    assert not met_by(raw, body, "fr", title="Withdrawing all troops")
    assert met_by(raw, "Des soldats arrivent.", "fr", title="A title", own=english)
    assert not met_by(raw, "Withdrawing all troops.", "fr", title="A title", own=english)
    decided = Language("fr", None, sure=True, title="en")
    document = make_document(title="Withdrawing all troops", body=body, language=decided)
    assert document.title_languages == ("en", "fr")
    assert document.languages == ("fr",)


def test_a_lexicon_that_forgets_answers_the_same(monkeypatch):
    """What is remembered of forms is bounded; forgetting costs time, never a match."""
    monkeypatch.setattr(lexicon, "_REMEMBERED", 2)
    raw = {"en": [{"name": "withdraw troops ~2"}]}
    made = {"it": build_concept("it", raw)}
    rule_set = build([Rule(name="it", root=parse_query("@it", concepts=made))], made)
    document = make_document(title="", body="Withdrawing all their troops", language=Language("en", None, sure=True))
    assert all(rule_set.match(document) for _ in range(3))


@pytest.mark.parametrize("word", ["x" * 70, "troops" + "x" * 70])
def test_words_too_long_to_be_remembered_are_met_all_the_same(word):
    assert met_by({"en": [{"name": word}]}, f"A {word} here", "en")


def test_articles_in_more_mixtures_of_languages_than_are_remembered_are_matched_all_the_same(monkeypatch):
    monkeypatch.setattr(lexicon, "_READERS", 1)
    rule_set = build([Rule(name="it", root=parse_query("troop", concepts={}))], {})
    for code in ("en", "fr", "de", "en"):
        document = make_document(title="", body="Troop", language=Language(code, None, sure=True))
        assert rule_set.match(document)


def test_a_met_watch_counts_as_all_that_it_asks_for():
    other = Rule(name="Other", root=parse_query("iraq AND troops", concepts={}))
    asked = Rule(name="it", root=parse_query("@watch:Other AND absent", concepts={}, watches=["Other"]))
    document = make_document(title="Iraq troops", body="", language=Language("en", None, sure=True))
    assert build([other, asked], {}).miss(document, "it").startswith("2 of 3 conditions are met: ")


def test_a_met_near_counts_as_two_of_what_was_asked():
    rule_set = build([Rule(name="it", root=parse_query("iraq NEAR/3 troops AND coalition", concepts={}))], {})
    document = make_document(title="Iraq troops", body="", language=Language("en", None, sure=True))
    assert rule_set.miss(document, "it").startswith("2 of 3 conditions are met: ")


def test_what_stands_near_in_the_body_says_nothing_of_a_name_in_another_field():
    """A source's name is near what the title says, and nothing else."""
    made = {"it": build_concept("it", {"en": [{"name": "Herald", "near": ["war"]}]})}
    rule_set = build([Rule(name="it", root=parse_query("source:@it", concepts=made))], made)
    sure = Language("en", None, sure=True)
    assert rule_set.match(make_document(title="War", body="", source="Herald", language=sure))
    assert not rule_set.match(make_document(title="Peace", body="A war.", source="Herald", language=sure))
