"""Operations on the rules an item at a time: looking, drafts, order, and what is at once."""

from __future__ import annotations

from connector.api.caller import Caller, if_match
from connector.api.frame import Answer, operation
from connector.api.rule_shapes import Checked, CheckWish, MoveWish, Rule, RuleList, RulesQuery, TextWish
from connector.api.tags import RULES
from connector.desk import rule_checks, rule_edits
from connector.desk import rules as desk

CRM = (409,)


@operation("GET", "/rules", tag=RULES, scope="read", returns=RuleList, query=RulesQuery, faults=CRM)
def list_rules(caller: Caller, *, query: RulesQuery) -> Answer:
    """List the rules in their order, and all other items.

    Drafts stand instead of what is live. The CRM is asked at most once a minute.
    """
    found = desk.listing(caller.services, caller.install, ask=query.ask)
    return Answer(RuleList.model_validate(found), {"ETag": f'"{found.version}"'} if found.version else {})


@operation("GET", "/rules/<rule>", tag=RULES, scope="read", returns=Rule, faults=CRM)
def get_rule(caller: Caller, rule: str) -> Answer:
    """Tell one item: the draft, if there is one."""
    return _shown(caller, rule)


@operation("POST", "/rules", tag=RULES, scope="rules:write", returns=Rule, status=201, body=TextWish)
def draft_new_rule(caller: Caller, *, body: TextWish) -> Answer:
    """Keep a new item as a draft; nothing acts on it before it is published."""
    record = rule_edits.save(caller.services, caller.install, body.text, by=caller.by)
    return _shown(caller, record)


@operation("PUT", "/rules/<rule>", tag=RULES, scope="rules:write", returns=Rule, body=TextWish, guarded=True)
def draft_rule(caller: Caller, rule: str, *, body: TextWish) -> Answer:
    """Keep a text as the draft of an item.

    A text with faults is kept, too, as long as it is one item: publishing refuses it.
    """
    record = rule_edits.save(caller.services, caller.install, body.text, record=rule, seen=if_match(), by=caller.by)
    return _shown(caller, record)


@operation("DELETE", "/rules/<rule>", tag=RULES, scope="rules:write", guarded=True)
def remove_rule(caller: Caller, rule: str) -> None:
    """Remove an item at once; an earlier edition brings it back.

    A live one goes by publishing the others, a draft is discarded. `If-Match` is the ETag of `GET /rules`.
    """
    rule_edits.remove(caller.services, caller.install, rule, seen=if_match(), by=caller.by, name=caller.name)


@operation("POST", "/rules/<rule>/discard", tag=RULES, scope="rules:write", guarded=True)
def discard_draft(caller: Caller, rule: str) -> None:
    """Drop the draft of an item: what is live stays as it is, and a new item is gone.

    `If-Match` is the ETag of `GET /rules/{rule}`.
    """
    rule_edits.discard(caller.services, caller.install, rule, seen=if_match(), by=caller.by)


@operation("POST", "/rules/<rule>/move", tag=RULES, scope="rules:write", body=MoveWish, guarded=True)
def move_rule(caller: Caller, rule: str, *, body: MoveWish) -> None:
    """Have a rule asked one place earlier or later, as a draft. `If-Match` is the ETag of `GET /rules`."""
    rule_edits.move(caller.services, caller.install, rule, body.where, seen=if_match(), by=caller.by)


@operation("POST", "/rules/<rule>/copy", tag=RULES, scope="rules:write", returns=Rule, status=201)
def copy_rule(caller: Caller, rule: str) -> Answer:
    """Make a copy of an item, right behind it, as a draft of another name."""
    return _shown(caller, rule_edits.duplicate(caller.services, caller.install, rule, by=caller.by))


@operation("POST", "/rules/<rule>/off", tag=RULES, scope="rules:write", guarded=True)
def switch_rule_off(caller: Caller, rule: str) -> None:
    """Take a live item out of force at once; `on` brings it back. `If-Match` is the ETag of `GET /rules`."""
    rule_edits.switch_off(caller.services, caller.install, rule, seen=if_match(), by=caller.by, name=caller.name)


@operation("POST", "/rules/<rule>/on", tag=RULES, scope="rules:write")
def switch_rule_on(caller: Caller, rule: str) -> None:
    """Put an item that was switched off into force again, at its old place."""
    rule_edits.switch_on(caller.services, caller.install, rule, by=caller.by, name=caller.name)


@operation("POST", "/rules/check", tag=RULES, scope="read", returns=Checked, body=CheckWish)
def check_rule(caller: Caller, *, body: CheckWish) -> Checked:
    """Look at one item while it is written: faults by line, hints, what it says. Nothing is kept."""
    found = rule_checks.check(caller.services, caller.install, body.text, record=body.rule)
    return Checked.model_validate(found)


def _shown(caller: Caller, record: str) -> Answer:
    found = desk.entry(caller.services, caller.install, record)
    return Answer(Rule.model_validate(found), {"ETag": f'"{found.seen}"'})
