"""Hands rendered messages to channels: the alert file, the terminal, and through Apprise every other service.

On the article's way: the last step, between a claimed delivery and its outcome (T3). Implements ``ports.Notifier``. It
neither words a message nor decides on retries, and it keeps nothing: what became of a try is told in a ``SendResult``.
Apprise is imported here and nowhere else.
"""

import warnings

with warnings.catch_warnings():
    # Apprise's mail plugin imports a module of the standard library that Python 3.11 calls deprecated; where warnings
    # are errors, no mail could be sent.
    warnings.simplefilter("ignore", DeprecationWarning)
    from monitor.notify.channels import ChannelNotifier
    from monitor.notify.services import check_channel_url, describe

__all__ = ["ChannelNotifier", "check_channel_url", "describe"]
