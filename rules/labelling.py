"""From what a person said of two records to the decision that tells the CRM of it: an audit, and nothing is done."""

from __future__ import annotations

from datetime import datetime

from rules import labels
from rules.labels import Label
from rules.model import Candidate, Decision, Match, Mode, Record, Route, Verdict
from rules.wording import catalogue
from rules.wording.words import say

__all__ = ["labelled"]


def labelled(
    label: Label, record: Record, called: str, *, mode: Mode, version: str, now: datetime, language: str = "en"
) -> Decision:
    """Return the decision that says of `record` what was said of it and of the other, which is `called` so.

    Store it as part of itself, so that it is never the latest one about a lead.
    """
    other = next(each for each in label.records if each.id != record.id)
    called = called or other.id
    duplicate, match = Verdict("different"), Match("none")
    if label.is_belonging:
        account = Candidate(other.id, called, None, 1.0)
        match = Match("matched", account) if label.verdict == "accepted" else Match("none", runners_up=(account,))
    else:
        status = {"same": "same", "different": "different"}.get(label.verdict, "unsure")
        duplicate = Verdict(status, other.kind, other.id)  # type: ignore[arg-type] # one of three
    about = ("contact" if record.kind == "contact" else "match") if label.is_belonging else "pair"
    with catalogue.speaking(language):
        reason = say(f"label.{about}.{label.verdict}", by=label.by, name=called)
    return Decision(
        key=labels.key(label),
        lead=record,
        mode=mode,
        outcome="ignored",
        duplicate=duplicate,
        match=match,
        route=Route("", "keep", None, reason),
        actions=(),
        ruleset_version=version,
        received_at=label.at,
        decided_at=now,
        language=language,
        label=label,
    )
