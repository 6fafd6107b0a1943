"""The boxes of a pool's form: read from what a browser sends, with the buttons that add one or take one away."""

from __future__ import annotations

import re
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from connector.desk.pool_forms import MemberRow, PoolForm
from connector.desk.rule_goals import Goal
from connector.web.rule_boxes import goal, of, rows, without

_DROP = re.compile(r"drop-(member|goal)-(\d{1,4})")


def form(told: MultiDict[str, str]) -> PoolForm:
    """Return the form as it was filled in; what is empty stays, so that nobody's row is lost while they write."""
    return PoolForm(
        name=told.get("name", ""),
        by=told.get("by", ""),
        members=rows(told, "member", lambda at: _member(told, at)),
        cap=told.get("cap", ""),
        open_leads=told.get("open-leads", ""),
        hours=told.get("hours", ""),
        zone=told.get("zone", ""),
        overflow=rows(told, "goal", lambda at: goal(told, at)),
    )


def pressed(found: PoolForm, do: str) -> PoolForm:
    """Return the form after a button: ``add-member``, ``drop-goal-2`` and the like; others change nothing."""
    if do == "add-member":
        return replace(found, members=(*found.members, MemberRow(weight="1")))
    if do == "add-goal":
        return replace(found, overflow=(*found.overflow, Goal("keep")))
    drop = _DROP.fullmatch(do)
    if not drop:
        return found
    number = int(drop[2])
    if drop[1] == "member":
        return replace(found, members=without(found.members, number))
    return replace(found, overflow=without(found.overflow, number))


def _member(told: MultiDict[str, str], at: str) -> MemberRow:
    return MemberRow(
        user=of(told, at, "user"),
        weight=of(told, at, "weight"),
        cap=of(told, at, "cap"),
        open_leads=of(told, at, "open-leads"),
        hours=of(told, at, "hours"),
        zone=of(told, at, "zone"),
        skills=of(told, at, "skills"),
        kept=tuple(filter(None, of(told, at, "kept").split(","))),
        raw=of(told, at, "raw"),
        after=of(told, at, "after"),
    )
