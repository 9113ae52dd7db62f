"""Whether a match is told and why, in what words, and what becomes of a try to send it.

On the article's way: after its story is known (``decide_alert``, in T2), when a delivery is rendered (``render``), and
when its outcome is settled (``settle``, in T3). Pure: sends nothing, stores nothing, reads no clock.
"""

from monitor.alerts.chart import CHART_SPAN, Chart, chart_of
from monitor.alerts.decide import decide_alert, keeps_still
from monitor.alerts.digest import render_digest
from monitor.alerts.log import log_line
from monitor.alerts.notices import OPERATOR_WATCH, gather_notices, render_notice
from monitor.alerts.overrides import TEMPLATE_NAMES, Rendered, Templates, check_template, default_name, takes_template
from monitor.alerts.phrases import LANGUAGES
from monitor.alerts.render import render
from monitor.alerts.retry import hold_in_doubt, next_attempt, settle
from monitor.alerts.schedule import next_slot, parse_schedule
from monitor.alerts.spikes import HISTORY, Spike, spike_in
from monitor.alerts.template import Own
from monitor.alerts.updates import OFFICIAL
from monitor.alerts.when import gate, gates, held_until

__all__ = [
    "CHART_SPAN",
    "HISTORY",
    "LANGUAGES",
    "OFFICIAL",
    "OPERATOR_WATCH",
    "TEMPLATE_NAMES",
    "Chart",
    "Own",
    "Rendered",
    "Spike",
    "Templates",
    "chart_of",
    "check_template",
    "decide_alert",
    "default_name",
    "gate",
    "gates",
    "gather_notices",
    "held_until",
    "hold_in_doubt",
    "keeps_still",
    "log_line",
    "next_attempt",
    "next_slot",
    "parse_schedule",
    "render",
    "render_digest",
    "render_notice",
    "settle",
    "spike_in",
    "takes_template",
]
