"""The four errors; each says what to do next. Everything else is a fault of ours and goes to Sentry."""

from __future__ import annotations


class Next(Exception):  # noqa: N818 - the name says what comes next, which is the point of this family
    """Base of the errors that say what to do next. `str()` is a sentence for people, without field values."""


class Ignored(Next):
    """There is nothing to do, for this reason. The letter is done."""


class Later(Next):
    """Try again in `seconds`; not counted as a failure (rate limits, locks, outages).

    `applied` says whether a write may have happened all the same: False when the CRM answered that it did nothing, True
    when nobody can know (no answer came, or a 5xx after the call was sent).
    """

    def __init__(self, reason: str, *, seconds: float, applied: bool = True) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.applied = applied


class Exhausted(Later):
    """The CRM has sent all the events that it may send us for hours: ask for what changed instead until then."""


class PlaceLost(Next):
    """The CRM no longer knows the place in its stream of changes: compare, and begin anew from now."""


class Revoked(Next):
    """The CRM no longer lets us in: pause the install and tell its admin."""


class Refused(Next):
    """The CRM will not do this, however often we ask: park it with the reason, retry by a click."""
