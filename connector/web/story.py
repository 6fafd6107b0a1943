"""What the page of a decision says beside what the desk knows of it: links out, and lengths of time."""

from __future__ import annotations

from flask_babel import ngettext

from connector.desk.called import lead_name
from connector.web.access import services

__all__ = ["lead_name", "trace_url", "waited"]

_HOUR, _DAY = 60, 24 * 60


def trace_url(trace_id: str) -> str:
    """Return the address of a trace in Sentry; empty without a trace, or where nobody said where Sentry is."""
    pattern = services().settings.sentry_trace_url
    return pattern.replace("{trace}", trace_id) if pattern and trace_id.isalnum() else ""


def waited(minutes: float) -> str:
    """Return a length of time as people say it: ``12 minutes``, ``3 hours``, ``2 days``."""
    if minutes >= 2 * _DAY:
        return str(ngettext("%(num)s day", "%(num)s days", round(minutes / _DAY)))
    if minutes >= 2 * _HOUR:
        return str(ngettext("%(num)s hour", "%(num)s hours", round(minutes / _HOUR)))
    return str(ngettext("%(num)s minute", "%(num)s minutes", round(minutes)))
