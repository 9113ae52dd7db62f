"""The dates that feeds give, in the spellings that feeds use.

On the article's way: beside each entry's other fields; what the feed wrote is kept verbatim next to what was understood
here. Reads no clock: "now" is passed in where it counts. Understands no relative dates ("yesterday") and no calendar
but the Gregorian.

Understood: RFC 822 and its successors, ISO 8601 and RFC 3339, dates with month names in many languages, numeric dates
and Chinese, Japanese and Korean ones, Unix times. Where a zone's name is shared, the meaning is the one that RFC 5322
gives or, for others, that of the most people: IST is India, CST, EST, MST and PST are North America, BST is Britain,
AST is the Atlantic coast of Canada, CAT is Central Africa. An unknown zone, and none, is UTC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial

__all__ = ["puts_month_first", "settle_published", "understand_date"]

_LONGEST = 120
_YEARS = range(1970, 2100)
_OLDEST_NEWS = datetime(1990, 1, 1, tzinfo=UTC)

_ISO = re.compile(
    r"(\d{4})-?(\d{2})(?:-?(\d{2}))?(?:[T\s_]+(\d{1,2}):?(\d{2})?(?::?(\d{2})(?:[.,]\d+)?)?\s*"
    r"(z|[+\-\u2212]\d{1,2}(?::?\d{2})?)?)?(?:\[.*\])?",
    re.IGNORECASE,
)
_ISO_WEEK = re.compile(r"(\d{4})-?W(\d{2})-?(\d)", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})")
_UNIX = re.compile(r"(?:/Date\()?(\d{9,10})(?:\.\d+|\d{3})?(?:[+-]\d{4})?(?:\)/)?")
_ERA = re.compile(r"令和\s*(\d{1,2}|元)\s*年")
_VIETNAMESE_MONTH = re.compile(r"tháng\s+(\d{1,2})(?:\s*,|\s+năm)?\s+(?=\d{4})", re.IGNORECASE)
_THAI_SHORT = {
    name: number
    for number, name in enumerate(
        ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."], start=1
    )
}
_AFTERNOON = re.compile(r"(下午|午後|晚上|오후|chiều)\s*(\d{1,2})(?=\s*[:時时시])", re.IGNORECASE)
_WHOLE_HOUR = re.compile(r"(?<![\d:.])(\d{1,2})\s?([ap])\.?m\b\.?", re.IGNORECASE)
_TIME = re.compile(
    r"(?<![\d:])(\d{1,2})(?:\s?[:h時时시]\s?|\.)(\d{2})(?:\s?[:.m分분]\s?(\d{2})(?:[.,]\d+)?)?(?![\d:])\s*(?:[秒초分분])?\s*([ap]\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:gmt|utc|\bz)?\s?([+\-\u2212])\s?(\d{1,2})(?::?(\d{2}))?(?!\d)", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?!\d)")
_WORD = re.compile(r"[A-Za-z]+")
_NAME = re.compile(r"[^\s\d.,;:/()\[\]-]+")  # not \w, which breaks words of Indian scripts at their vowel signs
_NUMBER = re.compile(r"\d+")

_ZONES = {
    name: timedelta(hours=hours)
    for hours, names in {
        -12: "IDLW", -11: "NUT SST", -10: "HST HAST TAHT", -9.5: "MART", -9: "AKST HADT GAMT", -8: "PST AKDT",
        -7: "MST PDT", -6: "CST MDT", -5: "EST CDT COT PET ECT ACT", -4: "AST EDT BOT VET CLT GYT AMT PYT",
        -3.5: "NST", -3: "ADT BRT ART CLST UYT GFT SRT PYST ROTT", -2.5: "NDT", -2: "BRST UYST FNT", -1: "AZOT CVT EGT",
        0: "UTC UT GMT Z WET WEZ AZOST EGST ZULU UCT", 1: "CET MEZ MET BST WEST WESZ WAT HNEC",
        2: "CEST CEDT MESZ MEST EET OEZ CAT SAST HAEC WAST KALT", 3: "EEST OESZ MSK EAT TRT FET IDT SYOT",
        3.5: "IRST", 4: "MSD GST SAMT AZT GET MUT SCT RET VOLT", 4.5: "AFT IRDT",
        5: "PKT UZT YEKT TMT TJT MVT AQTT ORAT",
        5.5: "IST SLST", 5.75: "NPT", 6: "BDT BTT OMST KGT ALMT NOVST IOT VOST", 6.5: "MMT CCT",
        7: "ICT WIB KRAT NOVT HOVT DAVT",
        8: "SGT HKT MYT PHT AWST WITA IRKT ULAT CHOT BNT", 8.75: "ACWST", 9: "JST KST WIT YAKT TLT PWT",
        9.5: "ACST", 10: "AEST CHST VLAT PGT DDUT", 10.5: "ACDT LHST", 11: "AEDT SBT MAGT VUT SAKT SRET NCT",
        12: "NZST FJT PETT ANAT TVT WAKT", 12.75: "CHAST", 13: "NZDT PHOT TOT", 13.75: "CHADT", 14: "LINT",
    }.items()
    for name in names.split()
}  # fmt: skip

# Nominative, genitive and the usual short forms; folded (case, accents) when they are looked up.
_MONTHS_WRITTEN = """
en january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sep sept|october oct|november nov|december dec
fr janvier janv|février fév févr|mars|avril avr|mai|juin|juillet juil|août aoû|septembre|octobre|novembre|décembre déc
de januar jänner jän|februar feber|märz mär mrz|april|mai|juni|juli|august|september|oktober okt|november|dezember dez
es enero ene|febrero|marzo|abril abr|mayo|junio|julio|agosto ago|septiembre setiembre set|octubre|noviembre|diciembre dic
pt janeiro|fevereiro fev|março|abril abr|maio mai|junho|julho|agosto ago|setembro set|outubro out|novembro|dezembro dez
it gennaio gen|febbraio|marzo|aprile|maggio mag|giugno giu|luglio lug|agosto ago|settembre sett|ottobre ott|novembre|dicembre dic
ca gener|febrer|març|abril|maig|juny|juliol|agost|setembre|octubre|novembre|desembre des
ro ianuarie ian|februarie|martie|aprilie|mai|iunie iun|iulie iul|august|septembrie|octombrie|noiembrie noi|decembrie
nl januari|februari|maart mrt|april|mei|juni|juli|augustus|september|oktober okt|november|december
sv januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december
da januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december
no januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember des
fi tammikuu tammikuuta tammi|helmikuu helmikuuta helmi|maaliskuu maaliskuuta maalis|huhtikuu huhtikuuta huhti|toukokuu toukokuuta touko|kesäkuu kesäkuuta kesä|heinäkuu heinäkuuta heinä|elokuu elokuuta elo|syyskuu syyskuuta syys|lokakuu lokakuuta loka|marraskuu marraskuuta marras|joulukuu joulukuuta joulu
ru январь января янв|февраль февраля фев февр|март марта мар|апрель апреля апр|май мая|июнь июня июн|июль июля июл|август августа авг|сентябрь сентября сен сент|октябрь октября окт|ноябрь ноября ноя нояб|декабрь декабря дек
uk січень січня січ|лютий лютого лют|березень березня бер|квітень квітня кві квіт|травень травня тра трав|червень червня чер черв|липень липня лип|серпень серпня сер серп|вересень вересня вер|жовтень жовтня жов жовт|листопад листопада лис лист|грудень грудня гру груд
bg януари яну|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|декември
pl styczeń stycznia sty|luty lutego lut|marzec marca|kwiecień kwietnia kwi|maj maja|czerwiec czerwca cze|lipiec lipca lip|sierpień sierpnia sie|wrzesień września wrz|październik października paź|listopad listopada lis|grudzień grudnia gru
cs leden ledna led|únor února úno|březen března bře|duben dubna dub|květen května kvě|červen června čvn|červenec července čvc|srpen srpna srp|září zář|říjen října říj|listopad listopadu|prosinec prosince pro
sk január januára|február februára|marec marca|apríl apríla|máj mája|jún júna|júl júla|august augusta|september septembra|október októbra|november novembra|december decembra
sl januar januarja|februar februarja|marec marca|april aprila|maj maja|junij junija|julij julija|avgust avgusta avg|september septembra|oktober oktobra|november novembra|december decembra
hu január|február febr|március márc|április ápr|május máj|június jún|július júl|augusztus|szeptember szept|október|november|december
tr ocak oca|şubat şub|mart|nisan nis|mayıs may|haziran haz|temmuz tem|ağustos ağu|eylül eyl|ekim eki|kasım kas|aralık ara
az yanvar|fevral|mart|aprel|may|iyun|iyul|avqust|sentyabr|oktyabr|noyabr|dekabr
el ιανουάριος ιανουαρίου ιαν|φεβρουάριος φεβρουαρίου φεβ φεβρ|μάρτιος μαρτίου μαρ|απρίλιος απριλίου απρ|μάιος μαΐου μαϊ|ιούνιος ιουνίου ιουν|ιούλιος ιουλίου ιουλ|αύγουστος αυγούστου αυγ|σεπτέμβριος σεπτεμβρίου σεπ σεπτ|οκτώβριος οκτωβρίου οκτ|νοέμβριος νοεμβρίου νοε|δεκέμβριος δεκεμβρίου δεκ
hy հունվար հունվարի|փետրվար փետրվարի|մարտ մարտի|ապրիլ ապրիլի|մայիս մայիսի|հունիս հունիսի|հուլիս հուլիսի|օգոստոս օգոստոսի|սեպտեմբեր սեպտեմբերի|հոկտեմբեր հոկտեմբերի|նոյեմբեր նոյեմբերի|դեկտեմբեր դեկտեմբերի
ar يناير جانفي|فبراير شباط فيفري|مارس آذار|أبريل ابريل نيسان أفريل|مايو أيار ماي|يونيو حزيران جوان|يوليو تموز جويلية|أغسطس آب أوت|سبتمبر أيلول|أكتوبر اكتوبر|نوفمبر|ديسمبر
fa ژانویه|فوریه|مارس|آوریل|مه|ژوئن|ژوئیه جولای|اوت|سپتامبر|اکتبر|نوامبر|دسامبر
he ינואר בינואר|פברואר בפברואר|מרץ במרץ|אפריל באפריל|מאי במאי|יוני ביוני|יולי ביולי|אוגוסט באוגוסט|ספטמבר בספטמבר|אוקטובר באוקטובר|נובמבר בנובמבר|דצמבר בדצמבר
hi जनवरी|फरवरी फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर सितम्बर|अक्टूबर अक्तूबर|नवंबर नवम्बर|दिसंबर दिसम्बर
hr siječanj siječnja sij|veljača veljače velj|ožujak ožujka ožu|travanj travnja|svibanj svibnja svi|lipanj lipnja|srpanj srpnja srp|kolovoz kolovoza kol|rujan rujna ruj||studeni studenoga studenog stu|prosinac prosinca
sr јануар јануара јан|фебруар фебруара|март марта|април априла|мај маја|јун јуна|јул јула|август августа|септембар септембра|октобар октобра|новембар новембра|децембар децембра дец
bs januar januara|februar februara|mart marta|april aprila|maj maja|jun juna|jul jula|august avgust avgusta|septembar septembra|oktobar oktobra|novembar novembra|decembar decembra
mk јануари|февруари|март|април|мај|јуни|јули|август|септември|октомври|ноември|декември
be студзень студзеня студз|люты лютага лют|сакавік сакавіка сак|красавік красавіка крас|май мая|чэрвень чэрвеня чэрв|ліпень ліпеня ліп|жнівень жніўня жн|верасень верасня вер|кастрычнік кастрычніка каст|лістапад лістапада ліст|снежань снежня снеж
lt sausis sausio saus|vasaris vasario vas|kovas kovo|balandis balandžio bal|gegužė gegužės geg|birželis birželio birž|liepa liepos liep|rugpjūtis rugpjūčio rugp|rugsėjis rugsėjo rugs|spalis spalio spal|lapkritis lapkričio lapkr|gruodis gruodžio gruod
lv janvāris janvārī|februāris februārī|marts martā|aprīlis aprīlī|maijs maijā|jūnijs jūnijā|jūlijs jūlijā|augusts augustā|septembris septembrī|oktobris oktobrī|novembris novembrī|decembris decembrī
et jaanuar jaan|veebruar veebr|märts|aprill|mai|juuni|juuli|august|september|oktoober|november|detsember dets
is janúar|febrúar|mars|apríl|maí|júní|júlí|ágúst|september|október|nóvember|desember
sq janar|shkurt|mars|prill|maj|qershor|korrik|gusht|shtator|tetor|nëntor|dhjetor
eu urtarrila urtarrilak|otsaila otsailak|martxoa martxoak|apirila apirilak|maiatza maiatzak|ekaina ekainak|uztaila uztailak|abuztua abuztuak|iraila irailak|urria urriak|azaroa azaroak|abendua abenduak
gl xaneiro|febreiro|marzo|abril|maio|xuño|xullo|agosto|setembro|outubro|novembro|decembro
ka იანვარი იანვარს იან|თებერვალი თებერვალს თებ|მარტი მარტს მარ|აპრილი აპრილს აპრ|მაისი მაისს მაი|ივნისი ივნისს ივნ|ივლისი ივლისს ივლ|აგვისტო აგვისტოს აგვ|სექტემბერი სექტემბერს სექ|ოქტომბერი ოქტომბერს ოქტ|ნოემბერი ნოემბერს ნოე|დეკემბერი დეკემბერს დეკ
th มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม
bn জানুয়ারি জানুয়ারী|ফেব্রুয়ারি ফেব্রুয়ারী|মার্চ|এপ্রিল|মে|জুন|জুলাই|আগস্ট|সেপ্টেম্বর|অক্টোবর|নভেম্বর|ডিসেম্বর
ur جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|دسمبر
ta ஜனவரி|பிப்ரவரி|மார்ச்|ஏப்ரல்|மே|ஜூன்|ஜூலை|ஆகஸ்ட்|செப்டம்பர்|அக்டோபர்|நவம்பர்|டிசம்பர்
sw januari|februari|machi|aprili|mei|juni|julai|agosti|septemba|oktoba|novemba|desemba
ms januari|februari|mac|april|mei|jun|julai|ogos|september|oktober|november|disember
id januari|februari|maret|april|mei|juni|juli|agustus agt|september|oktober okt|november|desember des
"""  # noqa: E501 -- a table with one language a line


# Names for whichever of two zones holds on the day, in the United States and Canada; here as in winter.
_SEASONAL = {name: timedelta(hours=hours) for name, hours in (("ET", -5), ("CT", -6), ("MT", -7), ("PT", -8))}


def _folded(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.casefold().replace("ı", "i"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def _month_names() -> dict[str, int]:
    names: dict[str, int] = {}
    for line in _MONTHS_WRITTEN.strip().splitlines():
        _, _, months = line.partition(" ")
        for number, spellings in enumerate(months.split("|"), start=1):
            for spelling in spellings.split():
                names.setdefault(_folded(spelling), number)
    return names


_MONTHS = _month_names()
_ENGLISH = dict(
    enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1)
)
# In the Levant two months share a word, told apart by a second one.
_LEVANT = (("تشرين الاول", 10), ("تشرين الثاني", 11), ("كانون الاول", 12), ("كانون الثاني", 1))


def puts_month_first(dates: Iterable[str]) -> bool:
    """Whether a feed writes its dates as 03/25/2024: one of them can be read in no other way, and none the other way.

    A feed keeps to one order, so what one date shows holds for those that leave it open.
    """
    shown = False
    for raw in dates:
        found = _YEAR_LAST.search(raw) if len(raw) <= _LONGEST and "/" in raw else None
        if found is None:
            continue
        first, second = int(found[1]), int(found[3])
        if first > 12:
            return False
        shown = shown or second > 12
    return shown


def understand_date(raw: str, *, month_first: bool = False) -> datetime | None:
    """The moment that a feed's date names, in UTC; None for what is no date, or an absurd one.

    24:00 is the next day's midnight, a leap second the second before it. A date without a time is its midnight. Of
    01/02/2024 the first is the day (as in most of the world) unless only the other order makes a date, or
    ``month_first`` says that the feed writes the other. Years from 1970 to 2099 are dates.
    """
    usual = _USUAL.fullmatch(raw)
    if usual is not None and (found := _usual(usual)) is not None:
        return found
    text = _plain(raw)
    if not text:
        return None
    for read in (_unix, _compact, _iso, _iso_week, partial(_written, month_first=month_first)):
        try:
            found = read(text)
        except (ValueError, OverflowError):
            # The shape fits but there is no such day or hour.
            continue
        if found is not None:
            return found if found.year in _YEARS else None
    return None


# RFC 822 as nine of ten feeds write it; whatever is odd about a date goes the long way.
_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(0[1-9]|[12]\d|3[01]|[1-9]) ([A-Z][a-z]{2}) (20[0-9]{2}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)"
    r" (?:GMT|UTC|([+-])(0\d|1[0-2])([0-5]\d))"
)
_USUAL_MONTHS = {name.title(): number for number, name in _ENGLISH.items()}


def _usual(found: re.Match[str]) -> datetime | None:
    month = _USUAL_MONTHS.get(found[2])
    if month is None:
        return None
    try:
        moment = datetime(int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), int(found[6]), tzinfo=UTC)
    except ValueError:  # 31 June
        return None
    if found[7] is None:
        return moment
    ahead = timedelta(hours=int(found[8]), minutes=int(found[9]))
    return moment - ahead if found[7] == "+" else moment + ahead


def settle_published(understood: datetime | None, now: datetime) -> datetime | None:
    """The time of publishing to go by: never later than ``now``, and None for a date before 1990 (an unset clock)."""
    if understood is None or understood < _OLDEST_NEWS:
        return None
    return min(understood, now)


def _plain(raw: str) -> str:
    """ASCII digits, one kind of blank, no direction marks."""
    if len(raw) > _LONGEST:
        return ""
    if raw.isascii():  # what follows changes nothing in it
        return _WHOLE_HOUR.sub(r"\1:00 \2m", " ".join(raw.split()))
    chars = []
    for char in unicodedata.normalize("NFKC", raw):
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            chars.append(str(digit))
        elif unicodedata.category(char) not in {"Cf", "Cs"}:
            chars.append(char)
    text = " ".join("".join(chars).split())
    if text.isascii():
        return _WHOLE_HOUR.sub(r"\1:00 \2m", text)
    text = _ERA.sub(lambda found: f"{2018 + (1 if found[1] == '元' else int(found[1]))}年", text)
    text = _VIETNAMESE_MONTH.sub(r"/\1/", text).replace(" /", "/")
    for name, number in _THAI_SHORT.items():
        text = text.replace(name, f" {_ENGLISH[number]} ")
    return _AFTERNOON.sub(lambda found: str(int(found[2]) % 12 + 12), text)


def _compact(text: str) -> datetime | None:
    found = _COMPACT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    return _moment(date(year, month, day), hour, minute, second, timedelta(0))


def _unix(text: str) -> datetime | None:
    found = _UNIX.fullmatch(text)
    return None if found is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(found[1]))


def _iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    offset = _offset(found[7]) if found[7] else timedelta(0)
    return _moment(date(year, month, day), int(found[4] or 0), int(found[5] or 0), int(found[6] or 0), offset)


def _iso_week(text: str) -> datetime | None:
    found = _ISO_WEEK.match(text)
    if found is None:
        return None
    return _moment(date.fromisocalendar(int(found[1]), int(found[2]), int(found[3])), 0, 0, 0, timedelta(0))


def _written(text: str, *, month_first: bool) -> datetime | None:
    """A date in words: the time and its zone first, then the day in what is left."""
    hour = minute = second = 0
    offset = timedelta(0)
    seasonal = False
    rest = text
    time = _clock(text)
    if time is not None:
        hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
        if time[4]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if time[4][0].lower() == "p" else 0)
        offset, rest, seasonal = _zone(text, time)
    day = _day(rest, month_first=month_first)
    if day is None:
        return None
    if seasonal and _american_summer(day):
        offset += timedelta(hours=1)
    return _moment(day, hour, minute, second, offset)


def _clock(text: str) -> re.Match[str] | None:
    """The time of day: where a dot may part both dates and times, the one that is not part of a date."""
    times = list(_TIME.finditer(text))
    colons = [time for time in times if ":" in time[0]]
    if colons:
        return colons[0]
    numeric = [found.span() for found in (_YEAR_FIRST.search(text), _YEAR_LAST.search(text)) if found]
    for time in times:
        if not any(start < time.end() and time.start() < end for start, end in numeric):
            return time
    return None


def _zone(text: str, time: re.Match[str]) -> tuple[timedelta, str, bool]:
    """The zone after the time, the text without time and zone, and whether the zone depends on the season."""
    after = text[time.end() :]
    offset = _OFFSET.match(after.lstrip()) or _OFFSET.match(after.lstrip(" ("))
    if offset is not None:
        return _offset(offset[0]), text[: time.start()] + " " + after[after.index(offset[0]) + len(offset[0]) :], False
    for word in _WORD.finditer(after):
        zone = _ZONES.get(word[0].upper(), _SEASONAL.get(word[0]))
        if zone is not None and word[0].isupper():
            rest = text[: time.start()] + " " + after[: word.start()] + after[word.end() :]
            return zone, rest, word[0] in _SEASONAL
    return timedelta(0), text[: time.start()] + " " + after, False


def _american_summer(day: date) -> bool:
    """From the second Sunday of March to the first of November (Energy Policy Act of 2005); each whole day counts."""
    march = date(day.year, 3, 14)
    november = date(day.year, 11, 7)
    starts = march - timedelta(days=(march.weekday() + 1) % 7)
    ends = november - timedelta(days=(november.weekday() + 1) % 7)
    return starts <= day < ends


def _offset(written: str) -> timedelta:
    """+02:00, -0330, +2, GMT+3. One that no place on Earth has is none."""
    found = _OFFSET.search(written)
    if found is None:
        return timedelta(0)
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if offset > timedelta(hours=14):
        return timedelta(0)
    return offset if found[1] == "+" else -offset


def _day(text: str, *, month_first: bool) -> date | None:
    found = _YEAR_FIRST.search(text)
    if found is not None:
        return date(int(found[1]), int(found[2]), int(found[3]))
    found = _YEAR_LAST.search(text)
    if found is not None:
        first, second, year = int(found[1]), int(found[3]), _full_year(found[4])
        turned = first <= 12 and (second > 12 or (month_first and found[2] == "/"))
        day, month = (second, first) if turned else (first, second)
        return date(year, month, day)
    month, place = _month(text)
    if not month:
        return None
    numbers = [(number[0], number.start()) for number in _NUMBER.finditer(text)]
    years = [number for number in numbers if len(number[0]) == 4]
    days = [number for number in numbers if len(number[0]) <= 2]
    if not years and len(days) > 1:
        # "23 Jul 24": the year stands last, as RFC 822 wrote it.
        years = [days.pop()]
    if not years or not days:
        return None
    nearest = min(days, key=lambda number: abs(number[1] - place))
    return date(_full_year(years[0][0]), month, int(nearest[0]))


def _month(text: str) -> tuple[int, int]:
    """The month's number and where its name stands; 0 when no month is named."""
    plain = _folded(text)
    for name, number in _LEVANT:
        at = plain.find(name)
        if at >= 0:
            return number, at
    # A weekday's short form may be a month's ("mar. 23 juil."), and weekdays stand first.
    found = [(_MONTHS[name], word.start()) for word in _NAME.finditer(text) if (name := _folded(word[0])) in _MONTHS]
    return found[-1] if found else (0, 0)


def _full_year(written: str) -> int:
    """RFC 5322, section 4.3: 00-49 is of this century. Thai dates count from 543 before Christ."""
    year = int(written)
    if 2500 < year < 2700:
        return year - 543
    return year if len(written) == 4 else year + (2000 if year < 50 else 1900)


def _moment(day: date, hour: int, minute: int, second: int, offset: timedelta) -> datetime:
    extra = timedelta(0)
    if (hour, minute, second) == (24, 0, 0):
        hour, extra = 0, timedelta(days=1)
    local = datetime(day.year, day.month, day.day, hour, minute, min(second, 59), tzinfo=timezone(offset))
    return (local + extra).astimezone(UTC)
