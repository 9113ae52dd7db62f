"""Messages in the form that a person gave them, and in the program's own where there is none, or where it failed.

On the article's way: when a delivery is claimed, before the notifier. A template is tried on invented alerts when the
config is read; should it fail on a real one all the same, the alert goes out in the program's own form, and what was
wrong is handed back for the operator. Where a message is too long for its service, less is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from monitor.alerts.chart import NO_CHARTS, Charts
from monitor.alerts.clean import LONGEST_URL
from monitor.alerts.digest import grouped_by_watch, render_digest
from monitor.alerts.forms import link_room
from monitor.alerts.notices import notice_lines, render_notice
from monitor.alerts.render import render, title_for
from monitor.alerts.samples import SAMPLE_NOW, sample_alerts, sample_charts, sample_digests, sample_notices
from monitor.alerts.services import TEXT_OF_MAIL, Service, service_of
from monitor.alerts.template import HTML, MARKDOWN, PLAIN, TEXT, Form, Own, Tray, compile_template
from monitor.alerts.values import NAMES_OF, Reader, Room, Said, alert_values, digest_values, operator_values
from monitor.errors import TemplateFault
from monitor.model import AlertKind, AlertToSend, Message

__all__ = ["TEMPLATE_NAMES", "Rendered", "Templates", "check_template", "default_name", "takes_template"]

_FORMS = {"txt": TEXT, "md": MARKDOWN, "html": HTML, "short": TEXT, "title": PLAIN}
_TRIED_ON = {"txt": "tgram", "md": "discord", "html": "mailto", "short": "twilio", "title": "mailto"}
_OF_KIND = {
    AlertKind.NEW: "alert",
    AlertKind.REMINDER: "reminder",
    AlertKind.SPIKE: "spike",
    AlertKind.NOTICE: "operator",
}
_INSTEAD = {
    "alert": ("alert",),
    "update": ("update", "alert"),
    "reminder": ("reminder", "alert"),
    "spike": ("spike", "alert"),
    "digest": ("digest",),
    "operator": ("operator",),
}
TEMPLATE_NAMES = tuple(f"{kind}.{form}" for kind in _INSTEAD for form in _FORMS)
"""What a template's file may be called."""

_LEAST_ITEM = 10  # units that the shortest line on a story takes

_Values = Callable[[Tray, Room], dict[str, Any]]
_Job = tuple[_Values, "_Rooms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rooms:
    """How much may be said: of ``items`` as many as fit, all else in full; where none do, ``then`` in its order."""

    then: tuple[Room, ...]
    items: int = 0
    full: Room = field(default_factory=Room)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message, and what was wrong with the template that it should have had (empty: nothing)."""

    message: Message
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """A person's templates by name, in a folder "folder/name"; none of them are needed.

    ``of_watches`` and ``of_channels``: the folder that each has, where it has one. What lies in the watch's counts
    before what lies in the channel's, and that before what lies in none.
    """

    own: Mapping[str, Own] = field(default_factory=dict)
    of_watches: Mapping[str, str] = field(default_factory=dict)
    of_channels: Mapping[str, str] = field(default_factory=dict)

    def alert(
        self, alert: AlertToSend, *, kind: str, zone: str, now: datetime, language: str = "en", channel: str = ""
    ) -> Rendered:
        """The message for one alert; see ``render`` and ``render_notice``."""
        if alert.kind is AlertKind.NOTICE:
            return self._operator(alert, kind=kind, channel=channel)
        service, reader = service_of(kind), Reader(zone=zone, language=language, now=now)
        return self._dress(
            render(alert, kind=kind, zone=zone, now=now, language=language),
            self._names(_OF_KIND.get(alert.kind, "update"), channel, alert.watch),
            service,
            lambda form: _alert_job(alert, form, reader),
        )

    def digest(
        self,
        alerts: Sequence[AlertToSend],
        *,
        kind: str,
        zone: str,
        now: datetime,
        language: str = "en",
        charts: Charts = NO_CHARTS,
        channel: str = "",
    ) -> Rendered:
        """The message for several alerts (at least one), of whichever watches; see ``render_digest``."""
        service, reader = service_of(kind), Reader(zone=zone, language=language, now=now)
        return self._dress(
            render_digest(alerts, kind=kind, zone=zone, now=now, language=language, charts=charts),
            self._names("digest", channel),
            service,
            lambda form: _digest_job(alerts, charts, form, reader),
        )

    def _operator(self, alert: AlertToSend, *, kind: str, channel: str) -> Rendered:
        service, reader = service_of(kind), Reader(zone="UTC", language="en", now=SAMPLE_NOW)
        return self._dress(
            render_notice(alert, kind=kind),
            self._names("operator", channel),
            service,
            lambda form: _operator_job(alert, form, reader),
        )

    def _dress(
        self, message: Message, names: Sequence[str], service: Service, job_for: Callable[[Service], _Job]
    ) -> Rendered:
        values, rooms = job_for(service)
        title = self._find(names, "title")
        used = ""
        dressed = message
        try:
            if service.title and title is not None:
                used = title.name
                dressed = replace(dressed, title=_title(title, service, values))
            if (own := self._find(names, _form_of(service))) is not None:
                used = own.name
                dressed = replace(dressed, body=_body(own, title, service, values, rooms))
            if service.html and (own := self._find(names, "txt")) is not None:
                used = own.name
                dressed = replace(dressed, plain=_body(own, title, TEXT_OF_MAIL, *job_for(TEXT_OF_MAIL)))
        except TemplateFault as fault:
            return Rendered(message=message, fault=f"the template {used} failed ({fault}); it was told without it")
        return Rendered(message=dressed)

    def _names(self, what: str, channel: str, watch: str = "") -> tuple[str, ...]:
        """What the template may be called, less its form, the first that there is counts."""
        folders = self.of_watches.get(watch), self.of_channels.get(channel)
        places = (*(f"{folder}/" for folder in folders if folder), "")
        return tuple(f"{place}{kind}" for place in places for kind in _INSTEAD[what])

    def _find(self, names: Sequence[str], form: str) -> Own | None:
        return next((self.own[name] for kind in names if (name := f"{kind}.{form}") in self.own), None)


def default_name(name: str) -> str:
    """The template of the program's own that says what is said without one of this name."""
    kind, _, form = name.partition(".")
    return f"{_INSTEAD[kind][-1]}.{form}"


def _form_of(service: Service) -> str:
    if service.html:
        return "html"
    if service.short:
        return "short"
    return "md" if service.markdown else "txt"


def _rooms_for_one(service: Service) -> _Rooms:
    if service.short:
        return _Rooms(then=tuple(Room(headline=most) for most in (300, 200, 140, 100, 60, 30)))
    return _Rooms(
        then=(
            Room(),
            Room(sentences=1, reasons=2, outlets=3, headline=200),
            Room(sentences=0, reasons=1, outlets=0, headline=120),
            Room(sentences=0, reasons=0, outlets=0, headline=60, name=30, title=False),
        )
    )


def _rooms_for_many(items: int, service: Service, *, title: bool = True) -> _Rooms:
    least = Room(items=1, headline=60, name=30, links=False, title=False)
    return _Rooms(
        items=min(items, service.body // _LEAST_ITEM),
        full=Room(title=title),
        then=(Room(items=1, title=title), replace(least, links=True, title=title), least),
    )


def _title(own: Own, service: Service, values: _Values) -> str:
    tray = Tray(PLAIN)
    line = " ".join(own.fill(tray, values(tray, Room())).split())
    if not line:
        raise TemplateFault(message="it says nothing")
    return title_for(service, line)


def _body(own: Own, title: Own | None, service: Service, values: _Values, rooms: _Rooms) -> str:
    form = _FORMS[_form_of(service)]

    def told(room: Room) -> str | None:
        """What it says in this room, where that fits."""
        first = _first_line(title, form, values, room) if room.title and not (service.title or service.short) else ""
        tray = Tray(form)
        body = own.fill(tray, values(tray, room))
        if not body:
            raise TemplateFault(message="it says nothing")
        whole = f"{first}\n\n{body}" if first else body
        return whole if service.size(whole) <= service.body else None

    if (most := _with_most_items(told, rooms)) is not None:
        return most
    for room in rooms.then:
        if (whole := told(room)) is not None:
            return whole
    raise TemplateFault(
        message=f"it is too long: a message there has room for {service.body:,} characters",
        hint="say less in it; what has no room is left out by itself, but some of it is always said",
    )


def _with_most_items(told: Callable[[Room], str | None], rooms: _Rooms) -> str | None:
    """What is told with as many items as fit, found by halving; None where not even two do."""
    best, least, beyond = None, 2, rooms.items + 1
    middle = rooms.items  # mostly all do
    while least < beyond:
        whole = told(replace(rooms.full, items=middle))
        if whole is None:
            beyond = middle
        else:
            best, least = whole, middle + 1
        middle = (least + beyond) // 2
    return best


def _first_line(title: Own | None, form: Form, values: _Values, room: Room) -> str:
    """Where a service knows no titles, the title is the first line."""
    tray = Tray(form)
    given = values(tray, room)
    return tray.put_in(str(given["subject"])) if title is None else " ".join(title.fill(tray, given).split())


def takes_template(kind: str, name: str) -> bool:
    """Whether a channel of this kind is ever written to by the template of this name."""
    service, form = service_of(kind), name.rpartition(".")[2]
    if form == "title":
        return not service.short
    # A mail has a part for those who read it as text.
    return form == _form_of(service) or (service.html and form == "txt")


def check_template(name: str, text: str, kinds: Mapping[str, str]) -> Own | list[TemplateFault]:
    """The template of this file, tried on samples for each channel that it is for; or all that is wrong with it.

    ``name``: with its folder, where it lies in one. ``kinds`` are the channels' kinds by name.
    """
    what, _, form = name.rpartition("/")[2].rpartition(".")
    known = NAMES_OF["alert" if what not in NAMES_OF else what]
    own = compile_template(name, text, html=_FORMS[form].html, known=known)
    if not isinstance(own, Own):
        return own
    # Services that take the same are tried once.
    wanted = {service_of(kind): (channel, kind) for channel, kind in kinds.items() if takes_template(kind, name)}
    for channel, kind in wanted.values() or [("", _TRIED_ON[form])]:
        for fault in _try(own, what, form, kind):
            where = f" on {channel}" if channel else ""
            return [TemplateFault(message=f"{fault.message}{where}", line=fault.line, hint=fault.hint)]
    return own


def _try(own: Own, what: str, form: str, kind: str) -> Iterator[TemplateFault]:
    service, reader = service_of(kind), Reader(zone="UTC", language="en", now=SAMPLE_NOW)
    if service.html and form == "txt":
        service = TEXT_OF_MAIL
    for values, rooms in _samples(what, service, reader):
        try:
            if form == "title":
                _title(own, service_of(_TRIED_ON["title"]), values)
            else:
                _body(own, None, service, values, rooms)
        except TemplateFault as fault:
            yield fault


def _samples(what: str, service: Service, reader: Reader) -> Iterator[_Job]:
    # The longest address that is shown there leaves the least room for all else.
    link = min(link_room(service, of_many=what == "digest"), LONGEST_URL)
    if what == "digest":
        return (_digest_job(alerts, sample_charts(alerts), service, reader) for alerts in sample_digests(link=link))
    if what == "operator":
        return (_operator_job(alert, service, reader) for alert in sample_notices())
    kinds = tuple(kind for kind in AlertKind if _OF_KIND.get(kind, "update") == what)
    return (_alert_job(alert, service, reader) for alert in sample_alerts(kinds, link=link))


def _alert_job(alert: AlertToSend, service: Service, reader: Reader) -> _Job:
    return lambda tray, room: alert_values(alert, service, tray, reader, room), _rooms_for_one(service)


def _digest_job(alerts: Sequence[AlertToSend], charts: Charts, service: Service, reader: Reader) -> _Job:
    said = Said(alerts=alerts, grouped=grouped_by_watch(alerts), charts=charts)
    stories = sum(len(each) for each in said.grouped.values())
    return lambda tray, room: digest_values(said, service, tray, reader, room), _rooms_for_many(stories, service)


def _operator_job(alert: AlertToSend, service: Service, reader: Reader) -> _Job:
    # A trouble is said in its own words; a title above them would say them twice.
    rooms = _rooms_for_many(len(notice_lines(alert)), service, title=False)
    return lambda tray, room: operator_values(alert, tray, reader, room), rooms
