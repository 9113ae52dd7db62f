"""One spelling for one address, so that the same article is known again under its many links.

On the article's way: beside each article's own URL, which stays as the feed gave it and is what people click.
Nothing is fetched: a redirect is unwrapped only where its target stands in the address itself. A canonical URL is for
comparing; it need not answer.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit

__all__ = ["absolute_url", "canonical_url", "host_of", "own_start", "same_site", "unwrapped"]

_LONGEST = 2048  # no article needs more, and a hostile one costs little
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_NOT_PLAIN = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9._~!$&'()*+,;=:@/?-]")
_CONTROL = re.compile("[\x00-\x20\x7f]")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|[0-9a-f:.]*:[0-9a-f:.]*")
_SUBDOMAIN = re.compile(r"\A(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.[^.])")
_WIKI_MOBILE = re.compile(r"\A([a-z]{2,3}\.)(?:m\.)+(?=[^.]+\.[^.])")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
# A path in its plain form already: no blank or dotted segment, nothing escaped, nothing of AMP.
_PLAIN_PATH = re.compile(r"(?:/(?!amp(?:/|\Z))[A-Za-z0-9_~-]++(?:\.html?)?+)++", re.IGNORECASE | re.ASCII)
_AMP_END = re.compile(r"(?<=[^/])(?:(?:/amp|\.amp)+$|(?:\.amp)+(?=\.html?$))", re.IGNORECASE)
_AMP_START = re.compile(r"\A(?:/amp)+(?=/[^/])", re.IGNORECASE)

# Parameters that say where a reader came from and never which article it is. Names are compared in lower case.
_TRACKING = frozenset({
    # click identifiers
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
    "igshid",
    "igsh", "li_fat_id", "rdt_cid", "epik", "srsltid", "vero_id", "vero_conv", "wickedid", "s_kwcid", "ef_id",
    "irclickid", "irgwc", "__twitter_impression", "_openstat", "openstat", "mkt_tok", "oly_anon_id", "oly_enc_id",
    # mailings and campaigns
    "mc_cid", "mc_eid", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking", "ck_subscriber_id",
    "sc_campaign",
    "sc_channel", "sc_content", "sc_country", "sc_geo", "sc_medium", "sc_outcome", "sc_lid", "cndid",
    "cmp", "cmpid", "campaign_id", "icid", "intcmp", "int_cmp", "cm_mmc", "ftag", "nsl_cmp",
    "et_cid", "et_rid", "sfmc_id", "bxid", "trk", "trkcampaign", "newsletter_id", "emci", "emdi",
    # sharing and referring
    "smid", "smtyp", "smprod", "ref", "ref_src", "ref_url", "referrer", "referer", "share", "shared", "sharetype",
    "socialshare", "taid", "ocid", "ito", "xtor", "at_xt", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname",
    "ns_fee", "spm", "tblci", "obclid", "soc_src", "soc_trk", "guccounter", "guce_referrer", "guce_referrer_sig",
    "traffic_source",
    "reflink", "fbshare", "wt_mc", "wt.mc_id", "wtmc",
    # ways of showing
    "amp", "outputtype", "amp_js_v", "amp_gsa", "usqp", "_amp",
})  # fmt: skip
_TRACKING_PREFIXES = (
    "utm_", "at_medium", "at_campaign", "at_custom", "at_link", "at_ptr", "at_format", "at_bbc", "pk_", "mtm_",
    "piwik_", "hsa_", "ga_", "itm_", "ns_", "matomo_",
)  # fmt: skip
# Names that some sites give to an article's number. With such a value they go only where the rest names an article.
_PERHAPS_NUMBER = frozenset({
    "campaign_id", "cmp", "cmpid", "icid", "ito", "newsletter_id", "ref", "share", "shared", "spm", "taid", "trk",
})  # fmt: skip
_PERHAPS_NUMBER_PREFIXES = ("ga_", "itm_", "ns_", "pk_")
_NAMES_ARTICLE = re.compile(r"/[^/]*(?:\d|-[^/]*-|[^/]{16})[^/]*\Z")
# A place in a page is dropped, unless it is an entry's own in a page that grows (a live report's "#block-66a0b1c8", a
# comment's "#comment-208257"), or is all the address of a page that scripts build ("#!/live/3", "#/live/3").
_OWN_FRAGMENT = re.compile(r"!.+|/.+|(?!ixzz)[A-Za-z][A-Za-z_-]*(?=(?:[0-9A-Fa-f_-]*\d){4})[\w-]{4,}", re.ASCII)
# Short or common words that may as well name the article: they go only with a value that says what they are for.
_TRACKING_PAIRS = {
    "source": re.compile(
        r"rss.*|feeds?|atom|twitter|facebook|email|newsletter|social.*|whatsapp|telegram", re.IGNORECASE
    ),
    "src": re.compile(r"rss.*|feeds?|atom|twitter|facebook|email|newsletter|social.*", re.IGNORECASE),
    "from": re.compile(r"rss.*|feeds?|atom|twitter|facebook|email|newsletter", re.IGNORECASE),
    "via": re.compile(r"rss.*|feeds?|atom|twitter|facebook|email|newsletter", re.IGNORECASE),
    "format": re.compile(r"amp|rss|xml", re.IGNORECASE),
    "mode": re.compile(r"amp", re.IGNORECASE),
    "view": re.compile(r"amp", re.IGNORECASE),
    "rss": re.compile(r"|1|true|yes|on", re.IGNORECASE),
    "feed": re.compile(r"|1|true|rss.*|atom", re.IGNORECASE),
    "mobile": re.compile(r"|1|true|yes|on", re.IGNORECASE),
    "m": re.compile(r"1", re.IGNORECASE),
    "print": re.compile(r"|1|true|yes|on", re.IGNORECASE),
    "output": re.compile(r"amp", re.IGNORECASE),
    "type": re.compile(r"amp|rss", re.IGNORECASE),
}
# A redirector: its host, its path, and the parameters that may hold the target.
_REDIRECTORS = (
    (re.compile(r"google\.[a-z.]{2,6}"), re.compile(r"/url/?"), ("url", "q")),
    (re.compile(r"news\.google\.[a-z.]{2,6}"), re.compile(r"/(?:news/)?url/?"), ("url", "q")),
    (re.compile(r"(?:l|lm)\.facebook\.com"), re.compile(r"/l\.php"), ("u",)),
    (re.compile(r"l\.instagram\.com"), re.compile(r"/?"), ("u",)),
    (re.compile(r"bing\.com"), re.compile(r"/news/apiclick\.aspx"), ("url",)),
    (re.compile(r"out\.reddit\.com"), re.compile(r"/.*"), ("url",)),
    (re.compile(r"youtube\.com"), re.compile(r"/redirect"), ("q",)),
    (re.compile(r"[a-z0-9-]+\.safelinks\.protection\.outlook\.com"), re.compile(r"/.*"), ("url",)),
)
# Google's and Bing's AMP caches and Google's AMP viewer: /c/s/HOST/PATH, /amp/s/HOST/PATH. The viewer's leading /amp is
# gone by then.
_CACHES = re.compile(r"(?:[a-z0-9-]+\.)*(?:cdn\.ampproject\.org|bing-amp\.com)|google\.[a-z.]{2,6}")
_CACHED = re.compile(r"(?:/(?:amp|[acv]))?(?:/s)?/([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/.+)", re.IGNORECASE)
_SHARED_LABELS = frozenset(
    ["ac", "co", "com", "edu", "gob", "gouv", "gov", "go", "id", "in", "mil", "ne", "net", "nom", "or", "org"]
)
_NUMERIC = re.compile(r"[\d.]+|.*:.*")
_GOOGLE_NEWS = re.compile(r"news\.google\.[a-z.]{2,6}")
_GOOGLE_ARTICLE = re.compile(r"/(?:rss/|__i/rss/rd/)?(?:articles|read)/([A-Za-z0-9_-]{20,2000})")
_PACKED_URL = re.compile(rb"https?://[!-~]{4,}")
_MOST_UNWRAPPINGS = 5
# Most links are whole addresses in ASCII without a blank, and most of those name nothing but a host and a path: the
# library's parser would find no more in them.
_WHOLE = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*+(?::[0-9]++)?(?:[/?#][!-~]*+)?")
_SIMPLE = re.compile(r"""https?://([A-Za-z0-9][A-Za-z0-9.-]*+)(/[!"$->@-~]*+)""")


def absolute_url(link: str, *bases: str) -> str:
    """``link`` as an absolute http(s) URL against the first base that makes it one; "" when none does.

    Blanks that a feed put around or into the link are taken out.
    """
    link = "".join(link.split()) if "\n" in link or "\t" in link or "\r" in link else link.strip().replace(" ", "%20")
    if not link or len(link) > _LONGEST:
        return ""
    if _WHOLE.fullmatch(link):
        return link
    for base in ("", *bases):
        try:
            joined = urljoin(base, link)
            parts = urlsplit(joined)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            continue
        if usable and not _CONTROL.search(joined):
            return joined
    return ""


def host_of(url: str) -> str:
    """The host that a person would name: lower case, without ``www.``; "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def same_site(one: str, other: str) -> bool:
    """Whether two addresses belong to one registered domain, as far as can be told without the list of them all."""
    return bool(site := _site(host_of(one))) and site == _site(host_of(other))


def _site(host: str) -> str:
    labels = host.split(".")
    # "co.uk", "com.au", "gov.br": what is registered stands one further to the left.
    shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_LABELS
    return host if _NUMERIC.fullmatch(host) else ".".join(labels[-3 if shared else -2 :])


def canonical_url(url: str) -> str:
    """The one spelling of a web address; "" for what is none. Never raises; applied twice it changes nothing more.

    The scheme becomes https, the host plain and in ASCII, its www, mobile and AMP forms the main one; default ports,
    fragments (but an entry's own), tracking parameters and a trailing slash go; what remains of the query is sorted;
    escapes and dot segments are made plain (RFC 3986, section 6.2.2). AMP caches and redirectors give way to the
    address inside.
    """
    current = url
    for _ in range(_MOST_UNWRAPPINGS):
        plain, inner = _canonical(current)
        if not inner:
            return plain
        current = inner
    return ""


def unwrapped(url: str) -> str:
    """The publisher's address in the link of a redirector or an aggregator, as it stands there; any other as it is."""
    for _ in range(_MOST_UNWRAPPINGS):
        _, inner = _canonical(url)
        if not inner:
            break
        url = inner
    return url


@lru_cache(maxsize=1024)  # an entry's address is asked for several times in one look
def _canonical(url: str) -> tuple[str, str]:
    """The plain spelling ("" for no web address), and the address that it only leads to ("" when it is its own)."""
    simple = _SIMPLE.fullmatch(url)
    try:
        if simple is not None:
            host = _plain_host(simple[1].lower())
            return _simple(host, _plain_path(simple[2])) if host and len(url) <= _LONGEST else ("", "")
        parts = urlsplit(url.strip())
        port = parts.port
        host = _plain_host(parts.hostname or "")
    except ValueError:
        return "", ""
    if parts.scheme not in {"http", "https"} or not host or len(url) > _LONGEST:
        return "", ""
    path = _plain_path(parts.path)
    pairs = [pair for part in parts.query.split("&") if (pair := _plain_pair(part))[0]] if parts.query else []
    inner = _target(host, path, pairs)
    if inner:
        return "", inner
    if article := _google_article(host, path):
        return article, ""
    kept = [pair for pair in pairs if not _tracks(*pair)]
    if not kept and not _NAMES_ARTICLE.search(path):
        kept = [pair for pair in pairs if _perhaps_number(*pair)]
    query = "&".join(sorted({f"{name}={value}" if value else name for name, value in kept}))
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port not in {None, 80, 443} else ""
    fragment = _escapes(parts.fragment) if parts.fragment else ""
    fragment = fragment if _OWN_FRAGMENT.fullmatch(fragment) else ""
    return f"https://{place}{path}" + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else ""), ""


def _simple(host: str, path: str) -> tuple[str, str]:
    """The same for an address that is nothing but a host and a path."""
    if not _leads_on(host):
        return f"https://{host}{path}", ""
    inner = _target(host, path, [])
    return ("", inner) if inner else (_google_article(host, path) or f"https://{host}{path}", "")


def _google_article(host: str, path: str) -> str:
    """The one spelling of a Google News link that holds no address; "" for any other.

    Where it leads is not in it. That every edition and every search have the same name for an article is taken for
    granted here, not known: Google says nothing of it.
    """
    found = _GOOGLE_ARTICLE.fullmatch(path) if _GOOGLE_NEWS.fullmatch(host) else None
    return "" if found is None else f"https://news.google.com/articles/{found[1]}"


@lru_cache(maxsize=1024)
def _plain_host(host: str) -> str:
    """In ASCII (IDNA), in its main form; "" for what can't be a host.

    Raises:
        UnicodeError: a ValueError: the labels can't be put into ASCII.
    """
    if ":" not in host:
        host = host.rstrip(".").encode("idna").decode("ascii").lower()
    if not _HOST.fullmatch(host):
        return ""
    return _WIKI_MOBILE.sub(r"\1", _SUBDOMAIN.sub("", host, count=1), count=1)


def _plain_path(path: str) -> str:
    if _PLAIN_PATH.fullmatch(path):
        return path
    path = _escapes(path)
    while True:
        plain = _SLASHES.sub("/", _SESSION.sub("", path))
        plain = "/" + "/".join(_without_dots(plain.split("/")))
        plain = _AMP_START.sub("", _AMP_END.sub("", plain))
        # Taking one thing out may lay another bare: until nothing changes.
        if plain == path:
            return path
        path = plain


def _without_dots(segments: list[str]) -> list[str]:
    """RFC 3986, section 5.2.4, and no empty segment."""
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    return kept


def _plain_pair(part: str) -> tuple[str, str]:
    name, _, value = part.replace("+", "%20").partition("=")
    return _escapes(name), _escapes(value)


def _tracks(name: str, value: str) -> bool:
    lower = name.lower()
    if lower in _TRACKING or lower.startswith(_TRACKING_PREFIXES):
        return True
    pattern = _TRACKING_PAIRS.get(lower)
    return pattern is not None and pattern.fullmatch(value) is not None


def _perhaps_number(name: str, value: str) -> bool:
    lower = name.lower()
    return (
        value.isascii() and value.isdigit() and (lower in _PERHAPS_NUMBER or lower.startswith(_PERHAPS_NUMBER_PREFIXES))
    )


def _target(host: str, path: str, pairs: list[tuple[str, str]]) -> str:
    """The address inside an AMP cache's or a redirector's, as it stands there; "" when there is none."""
    if not _leads_on(host):
        return ""
    cached = _CACHED.fullmatch(path) if _CACHES.fullmatch(host) else None
    if cached is not None:
        query = "&".join(f"{name}={value}" for name, value in pairs)
        return _if_web(f"https://{cached[1]}" + (f"?{query}" if query else ""))
    if _GOOGLE_NEWS.fullmatch(host) and (article := _GOOGLE_ARTICLE.fullmatch(path)):
        return _if_web(_within(article[1]))
    for hosts, paths, names in _REDIRECTORS:
        if hosts.fullmatch(host) and paths.fullmatch(path):
            for name, value in pairs:
                if name in names and (target := _if_web(unquote(value))):
                    return target
    return ""


def own_start(url: str) -> str:
    """What any address on this one's server begins with; "" where such an address may only lead on to another site."""
    start = url[: url.find("/", len("https://")) + 1]
    return "" if _may_lead_on(start) else start


@lru_cache(maxsize=1024)
def _may_lead_on(start: str) -> bool:
    try:
        parts = urlsplit(start)
        return parts.scheme not in {"http", "https"} or _leads_on(_plain_host(parts.hostname or ""))
    except ValueError:
        return True


@lru_cache(maxsize=1024)
def _leads_on(host: str) -> bool:
    """Whether addresses of this host may hold another's."""
    return any(hosts.fullmatch(host) for hosts in (_CACHES, _GOOGLE_NEWS, *(hosts for hosts, _, _ in _REDIRECTORS)))


def _within(packed: str) -> str:
    """The address in Google News' older article names; the newer ones hold none."""
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except ValueError:
        return ""
    found = _PACKED_URL.search(data)
    return found[0].decode("ascii") if found else ""


def _if_web(url: str) -> str:
    return url if url[:8].lower().startswith(("http://", "https://")) and any(_canonical(url)) else ""


def _escapes(text: str) -> str:
    """Escapes in their one form: unreserved characters plain, all else that needs it as upper-case UTF-8."""
    return _NOT_PLAIN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    token = found[0]
    if len(token) == 3:
        char = chr(int(token[1:], 16))
        return char if char in _UNRESERVED else token.upper()
    return "".join(f"%{byte:02X}" for byte in token.encode("utf-8", "surrogatepass"))
