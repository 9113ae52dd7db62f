"""What each kind of channel takes: how long a message, in which form, and what it reads as markup.

On the article's way: asked by rendering. Kinds are the schemes of channel URLs. Figures are the services' own published
limits less a margin for what is put around a message on its way (a joined title, escaped signs).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SERVICES", "TEXT_OF_MAIL", "Service", "service_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One kind of channel.

    ``title`` and ``body`` are the most units it takes in each; a unit is a UTF-16 code unit, or a byte of UTF-8 where
    ``bytes_count``. ``html``: the body is HTML. ``markdown``: reads Markdown whatever it is told. ``short``: a text
    message, where only the headline and the link have room. ``mark`` are the signs set round the words that were met.
    """

    title: int = 200
    body: int = 1_800
    bytes_count: bool = False
    html: bool = False
    markdown: bool = False
    short: bool = False
    mark: tuple[str, str] = ("«", "»")

    def size(self, text: str) -> int:
        """How much of the limits ``text`` takes."""
        if self.bytes_count:
            return len(text.encode("utf-8", "replace"))
        return len(text.encode("utf-16-le", "replace")) // 2


_BOLD = ("**", "**")
_MAIL = Service(title=180, body=100_000, html=True)
TEXT_OF_MAIL = Service(title=180, body=20_000)
"""The part of a mail for those who read it as text."""

_SMS = Service(title=0, body=300, short=True)
_MARKDOWN = Service(title=180, body=3_000, markdown=True, mark=_BOLD)

SERVICES: dict[str, Service] = {
    "mailto": _MAIL,
    "mailtos": _MAIL,
    # 2,000 for title and text together, counted after escapes.
    "discord": Service(title=180, body=1_700, markdown=True, mark=_BOLD),
    "guilded": Service(title=180, body=1_700, markdown=True, mark=_BOLD),
    "revolt": Service(title=180, body=1_700, markdown=True, mark=_BOLD),
    "fluxer": Service(title=180, body=1_700, markdown=True, mark=_BOLD),
    "tgram": Service(title=200, body=3_800),  # 4,096, the title with them
    "slack": Service(title=150, body=3_300),  # 3,500, where & < > count as entities
    "mmost": _MARKDOWN,
    "mmosts": _MARKDOWN,
    "rocket": _MARKDOWN,
    "rockets": _MARKDOWN,
    "zulip": Service(title=60, body=3_000, markdown=True, mark=_BOLD),
    "nctalk": _MARKDOWN,
    "nctalks": _MARKDOWN,
    "ntfy": Service(title=200, body=3_800, bytes_count=True),  # beyond 4,096 bytes the message turns into a file
    "ntfys": Service(title=200, body=3_800, bytes_count=True),
    "pover": Service(title=230, body=950),
    "gotify": Service(title=200, body=3_000),
    "gotifys": Service(title=200, body=3_000),
    "matrix": Service(title=200, body=8_000),
    "matrixs": Service(title=200, body=8_000),
    "signal": Service(title=150, body=1_800),
    "signals": Service(title=150, body=1_800),
    "whatsapp": Service(title=0, body=950),
    "mastodon": Service(title=0, body=450),
    "toot": Service(title=0, body=450),
    "bluesky": Service(title=0, body=280),
    "bsky": Service(title=0, body=280),
    "json": Service(title=500, body=20_000),
    "jsons": Service(title=500, body=20_000),
    "form": Service(title=500, body=20_000),
    "forms": Service(title=500, body=20_000),
    "xml": Service(title=500, body=20_000),
    "xmls": Service(title=500, body=20_000),
    "terminal": Service(title=300, body=20_000),
    "log": Service(title=300, body=20_000),
    **dict.fromkeys(
        (
            "twilio", "vonage", "nexmo", "sns", "clickatell", "messagebird", "bulksms", "burstsms", "clicksend",
            "d7sms", "msg91", "plivo", "sinch", "smseagle", "smseagles", "smsmgr", "smsmanager", "threema", "voipms",
            "httpsms", "kavenegar", "bulkvs", "46elks", "africastalking", "sfr", "freemobile", "octopush", "seven",
            "signl4",
        ),
        _SMS,
    ),
}  # fmt: skip
"""What is known of each kind of channel."""


def service_of(kind: str) -> Service:
    """What channels of this kind take; a careful middle for kinds that are not known here."""
    return SERVICES.get(kind.lower(), Service())
