"""Stems: inflected forms meet their word, other words don't, and the index loses none of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import fold, has_stemmer, inflects_by_prefix, keys_in, prefix_stem, same_word, stem, term_keys, words

# A language, then words with inflected forms: the first of each group is the term, the others are met by it. No group
# meets another's forms.
INFLECTED = [
    ("en", ("withdraw withdraws withdrawing withdrawal withdrawals | coalition coalitions | militia militias |"
           "authority authorities | author authors | university universities | universe | organ organs |"
           "organization organizations organisation organisations | unit units | united | import imports | important |"
           "army armies | arm arms | police | policy policies | mission missions | missile missiles | normalisation normalization")),
    ("fr", ("retrait retraits | retraite retraites | État États | coalition coalitions | attaque attaques attaqué attaquée "
           "attaquées | irakien irakiens irakienne irakiennes | soldat soldats | arme armes | armée armées | parti partis |"
           "négociation négociations | droit droits | droite | première premières | sécurité | retirer retire retirent retirés |"
           "déployer déploie déploient déployé déployée déployés déploiement | envoyer envoie envoient envoyé | tuer tuent | par |"
           "parent parents | président présidents présidente | violer viole | violent violents | moment moments | gouvernement")),
    ("es", ("retirada retiradas | coalición coaliciones | estado estados | francés franceses francesa | ataque ataques atacar |"
           "partido partidos | parte partes | iraquí iraquíes | ejército ejércitos | tecnología tecnologías |"
           "disparar dispara disparan dispare | lanzar lance lancen lanzó | declarar declararían | negociar negociación |"
           "negocio negocios | protesta protestas | protestante protestantes | sitiar sitiada | atacante atacantes | sitio sitios | cerco cercos |"
           "cerca cercas | Haya | hay")),
    ("it", ("ritiro ritiri | coalizione coalizioni | truppa truppe | stato stati | attacco attacchi | partito partiti |"
           "parte parti | iracheno iracheni irachena irachene | missione missioni | arrestare arresterà |"
           "americano americana americani americane | militare militari | attaccante attaccanti | negoziare negoziati |"
           "negozio negozi | razzo razzi | razza razze")),
    ("pt", ("retirada retiradas | coalizão coalizões | missão missões | francês franceses francesa | partido partidos |"
           "nação nações | informação informações | alemão alemães | disparar dispara disparam disparem | refém reféns |"
           "homem homens | míssil mísseis | papel papéis | fuzil fuzis | federal federais | espanhol espanhóis |"
           "ataque ataques atacado | atacante atacantes | cerco cercos | cerca cercas |"
           "parar param | para | comida comidas | com | como")),
    ("ca", "coalició coalicions | estat estats | tropa tropes | retirada retirades"),
    ("ro", "coaliție coaliția coaliției coaliții | trupă trupe trupele trupelor | stat statul statului | atac atacul atacuri atacurile"),
    ("de", ("Abzug Abzugs Abzuges | Koalition Koalitionen | Truppe Truppen | Staat Staaten Staates | Stadt |"
           "islamisch islamische islamischen islamischer islamisches | Angriff Angriffe Angriffen")),
    ("nl", ("terugtrekking terugtrekkingen | coalitie coalities | troep troepen | staat staten | aanval aanvallen |"
           "gezonden | zo'n | leger legers | gelegerd | gewond gewonden | won | vlucht vluchten | gevlucht gevluchten")),
    ("sv", "koalition koalitionen koalitioner koalitionens | trupp trupper trupperna | soldat soldaten soldater"),
    ("ru", ("вывод вывода выводу выводом выводе | коалиция коалиции коалицию коалицией | войска войск войскам войсками |"
           "Ирак Ирака Ираку Ираком Ираке | исламский исламского исламскому исламским | государство государства государству")),
    ("pl", ("wycofanie wycofania wycofaniu wycofaniem | koalicja koalicji koalicję koalicją | państwo państwa państwu państw |"
           "islamski islamskiego islamskie islamskich | atak ataku ataki ataków atakiem | Irak Iraku Irakiem Irakowi |"
           "Dosze | do")),
    ("cs", ("koalice koalici koalicí | vojsko vojska vojsku vojskem vojsk | stát státu státem státy států státům |"
           "útok útoku útoky útoků útokem | islámský islámského islámskému islámským | voják vojáci vojáků vojákům")),
    ("tr", ("çekilme çekilmesi çekilmesini çekilmenin | koalisyon koalisyonu koalisyonun koalisyona | asker askerler askerleri |"
           "saldırı saldırılar saldırısı saldırıları saldırısında | devlet devleti devletin devletler | örgüt örgütü örgütün")),
    ("ar", ("انسحاب الانسحاب | تحالف التحالف والتحالف | دولة الدولة للدولة | قوة القوة بقوة | عملية عمليات العمليات |"
           "قوات القوات قواتها وقواته للقوات | العراق العراقي العراقية | عراقة | شرطة الشرطة | شرط |"
           "قذيفة قذيفتان بقذيفتين | طائرة طائرات طائرتين | أنهى | أنه أنها بأنهم | أجلت | أجل لأجل الأجل")),
    ("fa", ("ائتلاف ائتلاف‌ها ائتلاف‌های | نیرو نیروها نیروهای نیروی نیرویی نیروهایش نیروهایشان | دولت دولت‌ها |"
           "سرباز سربازان سربازها سربازانش سربازانشان | حمله حملات حملاتش | حمل | گروگان گروگانها گروگان‌های | گرو |"
           "گروه | مذاکره مذاکرات | اعتراض اعتراضات | نظامی نظامیان | نظام | کشور کشورها کشورشان | شورا شورای | انتخاب |"
           "انتخابات انتخاباتی | ناتو | ناتوان | تحریم تحریم‌های | پناهنده پناهندگان | پناه | دانشجو دانشجویان | مهاجم مهاجمین | تظاهرات | طالبان | طالب |"
           "مجازات مجازات‌های | مجاز")),
    ("hy", ("կոալիցիա կոալիցիայի կոալիցիան կոալիցիայից | զորք զորքեր զորքերի զորքերը | Իրաք Իրաքի Իրաքում Իրաքից |"
           "պետություն պետության պետությունը պետություններ պետությունների")),
    ("hu", ("koalíció koalícióban koalíciót koalíciója koalíciók koalícióról | csapat csapatok csapatokat csapatai |"
           "állam államok állami államot államnak | kivonás kivonása kivonását | Irak Irakban Irakból Irakról")),
    ("fi", "koalitio koalition koalitiota | joukko joukot joukkojen joukkoja | valtio valtion | hyökkäys hyökkäyksen hyökkäykset"),
    ("el", "συνασπισμός συνασπισμού συνασπισμό | κράτος κράτους κράτη | επίθεση επίθεσης επιθέσεις"),
    ("sr", "коалиција коалиције коалицију коалицијом koalicija koalicije"),
    ("uk", ("коаліція коаліції коаліцію коаліцією | виведення виведенню виведенням | Ірак Іраку Іраком | держава держави державу |"
           "війна війни війну війною війні | рада ради раду радою | напад нападу нападом нападові | облога облозі облогою | відступити відступила відступив")),
    ("bg", "коалиция коалицията коалиции | изтегляне изтеглянето | държава държавата държави"),
    ("sl", "koalicija koalicije koaliciji koalicijo | umik umika umiku umikom | država države državo držav"),
    ("sk", "koalícia koalície koalíciu koalíciou | štát štátu štátom štáty štátov | vojak vojaka vojakov"),
    ("he", "קואליציה קואליציית קואליציות הקואליציה | חייל חיילים חיילי | נסיגה נסיגת והנסיגה"),
    ("az", "koalisiya koalisiyanın koalisiyası | hücum hücumu hücumlar | dövlət dövləti dövlətin dövlətlərinin"),
    ("ka", "კოალიცია კოალიციის კოალიციას | ჯარი ჯარის ჯარები | ერაყი ერაყის ერაყში"),
    ("ko", "이라크 이라크의 이라크에서 이라크는 이라크와 | 연합군 연합군이 연합군을 연합군들의 | 철수 철수를 철수가"),
]  # fmt: skip
GROUPS = [(language, [group.split() for group in table.split("|")]) for language, table in INFLECTED]


def meets(term: str, text: str, language: str) -> bool:
    form = words(term)[0].forms[0]
    return any(same_word(form, other, language) for other in words(text)[0].forms)


@pytest.mark.parametrize(("language", "groups"), GROUPS, ids=[row[0] for row in GROUPS])
def test_a_word_is_met_by_its_inflected_forms(language, groups):
    missed = [(group[0], form) for group in groups for form in group[1:] if not meets(group[0], form, language)]
    assert missed == []


@pytest.mark.parametrize(("language", "groups"), GROUPS, ids=[row[0] for row in GROUPS])
def test_a_word_is_not_met_by_another_words_forms(language, groups):
    wrong = [(a[0], form) for a in groups for b in groups if a is not b for form in b if meets(a[0], form, language)]
    assert wrong == []


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("Irak", "Irakli", "vi"),  # no law of inflection for the language: the form itself only
        ("рада", "радар", "uk"),  # three letters shared by chance
        ("мир", "мирний", "uk"),  # too short to be cut
        ("Іраком", "Іраклія", "uk"),  # what they don't share is no ending
        ("протести", "протестанти", "uk"),
        ("напад", "нападник", "uk"),
        ("напад", "нападки", "uk"),
        ("держава", "державотворення", "uk"),  # too long to be an inflected form
        ("이라크", "이라크전쟁", "ko"),  # a compound, no particle
        ("이", "이는", "ko"),  # one syllable
        ("Rusia", "Rumania", "es"),
    ],
)
def test_what_is_no_inflected_form_is_not_met(term, text, language):
    assert not meets(term, text, language)


def test_the_laws_of_languages():
    assert has_stemmer("fr")
    assert not has_stemmer("uk")
    assert inflects_by_prefix("uk")
    assert inflects_by_prefix("ka")
    assert not inflects_by_prefix("fr")
    assert stem("коаліція", "uk") == "коаліція"
    assert stem("covid19", "en") == "covid19"
    assert [prefix_stem(form) for form in ("коаліція", "ірак", "рада", "мир", "2024")] == [
        "коаліц",
        "ірак",
        "рад",
        None,
        None,
    ]
    assert keys_in("vi")("x") == term_keys("x", "vi") == ("x",)
    assert keys_in("en")("authority") == ("authority",)
    assert term_keys("коаліція", "uk") == ("коаліц",)
    assert term_keys("мир", "uk") == ("мир",)


FORMS = st.one_of(
    st.sampled_from([fold(form) for _, groups in GROUPS for group in groups for form in group]),
    st.text(alphabet="aeiostnrk", min_size=1, max_size=9),
    st.text(alphabet="аеинтрквя", min_size=1, max_size=9),
    st.text(max_size=6).map(fold).filter(bool),
)
LANGUAGES = st.sampled_from([*(language for language, _ in INFLECTED), "zh", "vi", "und", "mn", "eu", "ga", "lt", "yi"])


@given(FORMS, FORMS, LANGUAGES)
def test_forms_of_one_word_share_a_key(one, other, language):
    assert same_word(one, one, language)
    if same_word(one, other, language):
        assert set(term_keys(one, language)) & set(keys_in(language)(other))


@given(FORMS, st.text(alphabet="аеиоуюіїймхв", max_size=4), st.sampled_from(["uk", "bg", "sl", "he", "ka", "ko", "tr"]))
def test_a_form_with_an_ending_shares_a_key_when_it_is_met(form, ending, language):
    if same_word(form, form + ending, language):
        assert set(term_keys(form, language)) & set(keys_in(language)(form + ending))


@given(FORMS, LANGUAGES)
def test_a_stem_is_folded_and_never_empty(form, language):
    found = stem(form, language)
    assert found
    assert fold(found) == found


def test_stems_are_the_same_from_many_threads():
    forms = [
        fold(form) + str(i % 7) * 0 + "s" * (i % 3) for i in range(300) for form in ("coalition", "retrait", "troupe")
    ]
    alone = [stem.__wrapped__(form, "fr") for form in forms]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda form: stem.__wrapped__(form, "fr"), forms)) == alone
