"""The two objects, and the properties of contacts, leads and companies, as we define them in a portal. Pure data.

The app objects of the project (manifests/hubspot) have the same names, labels and properties. HubSpot puts
``a<app id>_`` before the names of an app object and of its properties; see connector/hubspot/objects.py.

Shapes: HubSpot's pages "Custom objects" (schemas), "Properties" and "App objects". The last allows letters and spaces
in labels, 72 characters in an object's description, and two secondary display properties; nothing of what was deployed
can be renamed, retyped or removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from connector.hubspot.fields import COMPANY, CONFIDENCE, CONTACT, DECISION, ROUTED_AT, RULE
from connector.hubspot.properties import (
    ACCOUNT,
    DECISION_KEY,
    DUPLICATE_OF,
    LAST_LEAD_AT,
    LAST_LEAD_CONFIDENCE,
    LAST_LEAD_OUTCOME,
    LAST_LEAD_RULE,
    MODE,
    OUTCOME,
    RESPONSE,
    RESPONSE_MINUTES,
    RESTORED,
)
from rules.model import DuplicateStatus, MatchStatus, Mode, Outcome, ResponseStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

RULE_OBJECT, AUDIT_OBJECT = "routing_rule", "routing_audit"
OF_LEADS = (AUDIT_OBJECT,)
"""What stands beside leads too, where they are routed. The project declares it for the app's object; a custom object is
given the association when the first audit of a lead is written (objects.py), as not every portal has leads."""
GROUP = {"name": "switchyard", "label": "Switchyard"}

Definition = dict[str, Any]


def _property(name: str, label: str, description: str, type_: str = "string", field_type: str = "text") -> Definition:
    return {"name": name, "label": label, "description": description, "type": type_, "fieldType": field_type}


def _number(name: str, label: str, description: str) -> Definition:
    return _property(name, label, description, "number", "number")


def _time(name: str, label: str, description: str) -> Definition:
    return _property(name, label, description, "datetime", "date")


def _long(name: str, label: str, description: str) -> Definition:
    return _property(name, label, description, "string", "textarea")


def _choice(name: str, label: str, description: str, values: Iterable[str]) -> Definition:
    """Make a drop-down of our own words, which reports and list filters can count."""
    options = [
        {"label": value.replace("_", " ").capitalize(), "value": value, "displayOrder": position, "hidden": False}
        for position, value in enumerate(values)
    ]
    return _property(name, label, description, "enumeration", "select") | {"options": options}


def _grouped(*definitions: Definition) -> tuple[Definition, ...]:
    return tuple(definition | {"groupName": GROUP["name"]} for definition in definitions)


CONTACT_PROPERTIES: tuple[Definition, ...] = _grouped(
    _number(CONFIDENCE, "Switchyard match confidence", "How sure Switchyard is of the company, from 0 to 1."),
    _property(RULE, "Switchyard rule", "The routing rule that decided who gets this contact."),
    _time(ROUTED_AT, "Switchyard routed at", "When Switchyard last decided about this contact."),
    _property(DECISION, "Switchyard decision", "The key of the last decision; its Routing audit explains it."),
    _choice(OUTCOME, "Switchyard outcome", "What came of the last decision.", get_args(Outcome)),
    _choice(MODE, "Switchyard mode", "Only in the mode act was the owner changed.", get_args(Mode)),
    _property(ACCOUNT, "Switchyard company", "The company that Switchyard matched this contact with."),
    _property(DUPLICATE_OF, "Switchyard duplicate of", "The older record of the same person, by its id."),
    _choice(RESPONSE, "Switchyard response", "Whether somebody worked on it in time.", get_args(ResponseStatus)),
    _number(RESPONSE_MINUTES, "Switchyard response minutes", "Minutes until somebody worked on it."),
)
"""Contacts have them in every portal, and leads (0-136) where leads are routed."""

RESTORED_PROPERTY: Definition = _grouped(
    _property(RESTORED, "Switchyard restored", "Names the undone merge that this record was made anew after.")
)[0] | {"hasUniqueValue": True}
"""Contacts and companies get it with the first merge: no two records are made anew for the same one."""

COMPANY_PROPERTIES: tuple[Definition, ...] = _grouped(
    _time(LAST_LEAD_AT, "Switchyard last lead at", "When Switchyard last decided about a contact of this company."),
    _property(LAST_LEAD_RULE, "Switchyard last rule", "The routing rule that decided about that contact."),
    _choice(LAST_LEAD_OUTCOME, "Switchyard last outcome", "What came of that decision.", get_args(Outcome)),
    _number(LAST_LEAD_CONFIDENCE, "Switchyard last match confidence", "How sure that match was, from 0 to 1."),
)

_AUDIT_PROPERTIES: tuple[Definition, ...] = (
    _property("title", "Title", "What was decided, in one line."),
    _property(DECISION_KEY, "Decision key", "Names the decision; no two audits share it.") | {"hasUniqueValue": True},
    _property("lead_id", "Contact id", "The contact that was decided about."),
    _property("account_id", "Company id", "The company it was matched with, if any."),
    _property("assignee_id", "Assignee id", "The owner it was given to, if any."),
    _property("previous_owner_id", "Previous owner id", "The owner it had before."),
    _choice("outcome", "Outcome", "What came of it.", get_args(Outcome)),
    _choice("mode", "Mode", "Observe only records, suggest makes a task, act also assigns.", get_args(Mode)),
    _property("rule", "Rule", "The routing rule that held."),
    _long("reason", "Reason", "Why this person, in one sentence."),
    _choice("match_status", "Company match", "Whether a company was found for it.", get_args(MatchStatus)),
    _number("confidence", "Match confidence", "How sure the match is, from 0 to 1."),
    _choice("duplicate_status", "Duplicate", "Whether this person was known before.", get_args(DuplicateStatus)),
    _property("duplicate_of", "Duplicate of", "The older record of the same person."),
    _long("story", "Story", "The whole decision in plain words."),
    _long("detail", "Detail", "The whole decision for machines (JSON)."),
    _time("received_at", "Received at", "When the change reached Switchyard."),
    _time("decided_at", "Decided at", "When it was decided."),
    _number("latency_ms", "Latency in milliseconds", "Milliseconds from the change to the decision."),
    _property("rule_set_version", "Rule set version", "The version of the rules it was decided with."),
    _property("trace_id", "Trace id", "Finds this decision in Switchyard's logs."),
    _property("lead_source", "Original source", "Where the contact came from, as it said when it was decided about."),
    _property("pool", "Pool", "The pool of people whose turn was taken, if any."),
    _number("entitled_share", "Entitled share in percent", "The share of the pool due to the assignee by weight."),
    _long("why_unmatched", "Why no company", "In plain words, why no company was found."),
    _time("response_due_at", "Response due at", "By when somebody was to work on the contact."),
    _choice("response_status", "Response", "Whether somebody worked on it in time.", get_args(ResponseStatus)),
    _time("responded_at", "Responded at", "When somebody first worked on the contact after this decision."),
    _number("response_minutes", "Response time in minutes", "Minutes from the decision until somebody worked on it."),
)

_RULE_PROPERTIES: tuple[Definition, ...] = (
    _property("rule_name", "Name", "The name of the rule, pool, territory, list or calendar."),
    _property("kind", "Kind", "rule, pool, territory, list, match or calendar."),
    _number("position", "Position", "Rules are tried from the lowest position to the highest."),
    _property("state", "State", "live or draft; drafts decide nothing."),
    _long("definition", "Definition", "The rule itself, as text."),
    _long("error", "Error", "What is wrong with the definition; empty when nothing is."),
    _property("version", "Version", "The version of the rule set it was last published in."),
    _long("standing", "Received and entitled", "Of a pool: what each member has received and was entitled to."),
    _number("received", "Received", "Of a pool: how many leads it has given away."),
    _number("largest_difference", "Largest difference", "Of a pool: leads that a member is ahead or behind at most."),
)

SCHEMAS: dict[str, Definition] = {
    RULE_OBJECT: {
        "name": RULE_OBJECT,
        "labels": {"singular": "Routing rule", "plural": "Routing rules"},
        "description": "A rule, pool, territory, list or calendar that Switchyard routes by.",
        "primaryDisplayProperty": "rule_name",
        "secondaryDisplayProperties": ["kind", "state"],
        "searchableProperties": ["rule_name"],
        "requiredProperties": ["rule_name"],
        "properties": list(_RULE_PROPERTIES),
        "associatedObjects": [CONTACT, COMPANY],
        "allowsSensitiveProperties": False,
    },
    AUDIT_OBJECT: {
        "name": AUDIT_OBJECT,
        "labels": {"singular": "Routing audit", "plural": "Routing audits"},
        "description": "One decision of Switchyard about one contact, with its reasons.",
        "primaryDisplayProperty": "title",
        "secondaryDisplayProperties": ["outcome", "rule"],
        "searchableProperties": ["title", "lead_id", "trace_id"],
        "requiredProperties": ["title", DECISION_KEY],
        "properties": list(_AUDIT_PROPERTIES),
        "associatedObjects": [CONTACT, COMPANY],
        "allowsSensitiveProperties": False,
    },
}
