"""``make schema``: write rules/schema.json, the JSON Schema of the rule language, from the names in the code.

Editors complete and check rules with it while they are typed. It says less than the loader: that a name exists, or what
a condition asks, only the loader knows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import rules
from rules import limits
from rules.clauses.operators import SPELLINGS
from rules.conditions import LONGEST_LINE
from rules.field_names import API_NAME, MAPPED
from rules.fields import CANONICAL
from rules.merging import reading as merge_reading
from rules.parsing import pool_reading, rule_reading
from rules.parsing.condition_reading import BLOCKS
from rules.parsing.condition_reading import KINDS as BLOCK_KINDS
from rules.parsing.people_reading import USER_KEYS
from rules.parsing.policy_reading import MOST_FILTERS, MOST_FREE_MAIL, MOST_NAMES, MOST_PAIRS, MOST_TIE_BREAKERS
from rules.parsing.pool_reading import CHOICES, HIGHEST_CAP, HIGHEST_WEIGHT, WINDOWS
from rules.parsing.target_reading import KINDS, NAMED
from rules.trials.reading import KEYS as TEST_KEYS
from rules.trials.wishes import EXPECTED

FILE = Path(rules.__file__).parent / "schema.json"

_Schema = dict[str, Any]
_UNITS = "minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w"
_STEP = rf"\d{{1,4}}\s*({_UNITS})"
_PLAIN = "|".join(kind for kind in KINDS if kind not in NAMED)
_NAMES = "|".join(kind for kind in KINDS if kind in NAMED)
_ANY_CASE = "|".join(f"[{kind[0].upper()}{kind[0]}]{kind[1:]}" for kind in KINDS if kind in NAMED)
_SCOPES = "|".join(CANONICAL)
_SIGNS = "|".join(
    sign.replace(" ", r"\s+")
    for sign in sorted(SPELLINGS)
    if not any(sign != other and sign.startswith(other) for other in SPELLINGS)
)
"""How operators begin: what is longer than one of these begins with it."""
_FLAG: _Schema = {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", "on", "off"]}]}
_TRUE: _Schema = {"anyOf": [{"const": True}, {"enum": ["yes", "on"]}]}
_DAY: _Schema = {"type": "string", "pattern": r"\d{4}-\d{1,2}-\d{1,2}"}
_TEXT: _Schema = {"type": ["string", "number", "boolean"]}


def schema() -> _Schema:
    """Return the JSON Schema (draft 2020-12) of a document: a list of items, or one item."""
    kinds = {
        "rule": _rule(), "pool": _pool(), "list": _list(), "calendar": _calendar(), "territory": _territory(),
        "match": _match(), "users": _users(), "test": _test(), "fields": _fields(),
        "duplicates": _duplicates(),
    }  # fmt: skip
    item = {"anyOf": [_ref(kind) for kind in kinds]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Switchyard rules",
        "description": "Rules, pools, lists, calendars, territories, matching, merging, users, tests, names of fields.",
        "anyOf": [{"type": "array", "items": _ref("item")}, _ref("item")],
        "$defs": {"item": item, **kinds, **_words()},
    }


def _words() -> _Schema:
    """Return what is written on one line, and what may be a list of that."""
    return {
        "condition": {
            "description": f"field operator value, such as lead.country is France; or {BLOCKS} with more.",
            "anyOf": [
                {"type": "string", "maxLength": LONGEST_LINE, "pattern": rf"^\s*({_SCOPES})\.[\w.]+\s*({_SIGNS})"},
                *({**_object({kind: _ref("conditions")}, (kind,)), "maxProperties": 1} for kind in BLOCK_KINDS),
            ],
        },
        "conditions": _some(_ref("condition"), limits.MOST_CONDITIONS),
        "target": {
            "description": "Who gets the lead.",
            "anyOf": [
                {"enum": [kind for kind in KINDS if kind not in NAMED]},
                {"type": "string", "pattern": rf"^\s*(({_NAMES})\s+\S.*|{_PLAIN})\s*$"},
                {"type": "string", "pattern": rf"^\s*({_ANY_CASE})\s+\S.*$|[Oo]wner|[Aa]ssignee|^\s*\S+@\S+\s*$"},
                {**_object(dict.fromkeys(sorted(NAMED), _TEXT)), "minProperties": 1, "maxProperties": 1},
            ],
        },
        "targets": _some(_ref("target"), limits.MOST_TARGETS),
        "field": {"type": "string", "pattern": rf"^({_SCOPES})\.\w+$"},
        "time": {"type": "string", "pattern": rf"^\s*{_STEP}(\s*(,|and)?\s*{_STEP})*\s*$", "examples": ["15 minutes"]},
        "cap": {
            "type": "string",
            "pattern": rf"^\s*\d{{1,6}}\s*(/|\s(per|an?)\s)\s*({'|'.join(WINDOWS)})\s*$",
            "examples": ["10 per day"],
        },
        "mail": {"type": "string", "pattern": r"^\s*\S+@\S+\s*$"},
        "hours": {**_some({"type": "string"}), "examples": ["Mon-Fri 09:00-18:00 Europe/Paris", "24/7"]},
        "days": {
            **_some({"anyOf": [_DAY, _object({"from": _DAY, "to": _DAY}, ("from",))]}),
            "examples": ["2026-12-24"],
        },
    }


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}


def _some(one: _Schema, most: int = 0) -> _Schema:
    """Return one, or a list of them."""
    many = {"type": "array", "items": one, "minItems": 1, **({"maxItems": most} if most else {})}
    return {"anyOf": [one, many]}


def _object(properties: _Schema, required: tuple[str, ...] = ()) -> _Schema:
    found = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    others = {_spelled(key): one for key, one in properties.items() if " " in key}
    return {**found, "patternProperties": others} if others else found


def _spelled(key: str) -> str:
    """Return the pattern of a key of several words that are not joined by a space."""
    return f"^{key.replace(' ', '[_-]')}$"


def _said(description: str, one: _Schema) -> _Schema:
    return {"description": description, **one}


def _rule() -> _Schema:
    task = _object({"subject": _TEXT, "body": _TEXT, "due": _ref("time")})
    wait = _object({"for": _some(_ref("field"), limits.MOST_FIELDS), "at most": _ref("time")}, ("for", "at most"))
    properties = {
        "rule": _said("The name of the rule.", _TEXT),
        "when": _said("All of these must hold.", _ref("conditions")),
        "assign": _said("Who gets the lead; of several, the first that can take it.", _ref("targets")),
        "otherwise": _said("Who gets it when those cannot.", _ref("targets")),
        "task": _said("The task for the new owner.", {"anyOf": [_FLAG, task]}),
        "notify": _said(
            "Whether the new owner is told inside the CRM; without it as the install has chosen.",
            {"anyOf": [_FLAG, {"enum": list(rule_reading.AT_WORK)}]},
        ),
        "wait": _said("Decide only when these fields are known, or the time is over.", wait),
        "escalate": _said("What happens when nobody acts.", _some(_step(), limits.MOST_STEPS)),
        "respect owner": _said("Whether an owner whom a person chose stays.", _FLAG),
        "reroute": _said(
            "Ask the rules again.", {"anyOf": [{"const": False}, _object({"idle": _ref("time")}, ("idle",))]}
        ),
    }
    assert tuple(properties) == rule_reading.RULE_KEYS
    return _object(properties, ("rule", "assign"))


def _step() -> _Schema:
    words = "|".join(rule_reading.WORKING)
    after = {
        "type": "string",
        "pattern": rf"^\s*\d{{1,4}}\s*(({words})\s+)?({_UNITS})",
        "examples": ["2 working hours"],
    }
    told = {"anyOf": [{"const": "manager"}, _ref("mail"), {"type": "string", "pattern": "manager$"}]}
    reminded = {"anyOf": [_TRUE, {"enum": ["assignee", "owner"]}]}
    deeds = {"remind": reminded, "to": told, "notify": told, "reassign": _TRUE, "return": _TRUE}
    assert {"after", "clock", *deeds} == set(rule_reading.STEP_KEYS)
    step = _object({"after": after, "clock": {"enum": ["working", "wall"]}, **deeds}, ("after",))
    return {**step, "oneOf": [{"required": [deed]} for deed in deeds]}


def _of_people() -> _Schema:
    """Return what pools and members have in common."""
    return {
        "cap": _said("At most so many leads in an hour, day, week or month.", _some(_ref("cap"), len(WINDOWS))),
        "open leads": _said("At most so many open leads.", {"type": "integer", "minimum": 1, "maximum": HIGHEST_CAP}),
        "hours": _said("When they work.", _ref("hours")),
        "calendar": _said("The calendar that says when they work.", _TEXT),
    }


def _others() -> list[str]:
    """Return what others call a way to choose, joined as they do."""
    words = [*CHOICES, *pool_reading.OTHER_WORDS]
    return sorted({word.replace(" ", sign) for word in words for sign in " -_"} - set(CHOICES))


def _pool() -> _Schema:
    weight = {"type": "integer", "minimum": 1, "maximum": HIGHEST_WEIGHT}
    member = {
        "user": _said("E-mail address.", _ref("mail")),
        "weight": _said("2 takes twice as many leads as 1.", weight),
        **_of_people(),
        "skills": _said("What they are good at, for pools by best fit.", _some(_TEXT, limits.MOST_SKILLS)),
        "absent": _said("Days on which they are away.", _ref("days")),
        "when": _said("The leads for which they are in the pool.", _ref("conditions")),
        "paused": _said("Gets no leads for now.", _FLAG),
    }
    assert set(member) == set(pool_reading.MEMBER_KEYS)
    members = {"anyOf": [_ref("mail"), _object(member, ("user",))]}
    properties = {
        "pool": _said("The name of the pool.", _TEXT),
        "members": {"type": "array", "items": members, "minItems": 1, "maxItems": limits.MOST_MEMBERS},
        "by": _said("How the next one is chosen.", {"anyOf": [{"enum": list(CHOICES)}, {"enum": _others()}]}),
        "fit": _said("The fields that skills should cover.", _some(_ref("field"), limits.MOST_FIELDS)),
        **_of_people(),
        "sticky": _said("Same account, same person.", {"anyOf": [_FLAG, {"const": "account"}]}),
        "never back": _said("Not to who had the lead before.", _FLAG),
        "hold": _said("Wait until somebody is at work.", {"anyOf": [_FLAG, _ref("time")]}),
        "overflow": _said("Who gets the lead when no member can.", _ref("targets")),
    }
    assert set(properties) == set(pool_reading.POOL_KEYS)
    return {**_object(properties, ("pool", "members")), "dependentRequired": {"fit": ["by"]}}


def _list() -> _Schema:
    values = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": limits.MOST_VALUES}
    return _object({"list": _TEXT, "values": values}, ("list", "values"))


def _calendar() -> _Schema:
    properties = {
        "calendar": _TEXT,
        "hours": _ref("hours"),
        "zone": _said("A name such as Europe/Paris.", {"type": "string"}),
        "holidays": _said("Countries, or parts of them: FR, FR-57.", _some({"type": "string"})),
        "closed": _said("Other days on which nobody works.", _ref("days")),
    }
    return _object(properties, ("calendar", "hours"))


def _territory() -> _Schema:
    columns = {"type": "object", "additionalProperties": {"anyOf": [_ref("field"), {"const": "account"}]}}
    properties = {
        "territory": _TEXT,
        "rows": _said(
            "CSV: a header such as country,postal_code,assign, then the rows.", {"type": "string", "minLength": 1}
        ),
        "columns": _said("The field that a header means.", columns),
        "otherwise": _ref("targets"),
    }
    return _object(properties, ("territory", "rows"))


def _match() -> _Schema:
    share = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    one_of = [{"required": [side]} for side in ("company", "domain", "lead")]
    sides = _object(dict.fromkeys(("company", "domain", "lead", "account"), _TEXT), ("account",))
    pairs = {"type": "array", "items": {**sides, "oneOf": one_of}, "maxItems": MOST_PAIRS}
    names = {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": MOST_NAMES}
    bought = _object({"company": _TEXT, "by": _TEXT}, ("company", "by"))
    properties = {
        "match": _TEXT,
        "accept": share,
        "review": share,
        "only": _some(_ref("condition"), MOST_FILTERS),
        "prefer": {"type": "array", "items": {"type": ["string", "object"]}, "maxItems": MOST_TIE_BREAKERS},
        "tie": {"type": ["string", "number"]},
        "domain only": {"enum": ["never", "fallback", "always"]},
        "keep links": _FLAG,
        "never": pairs,
        "always": pairs,
        "synonyms": {"type": "array", "items": names},
        "acquired": {"type": "array", "items": bought},
        "own free mail": {"type": "array", "items": {"type": "string"}, "maxItems": MOST_FREE_MAIL},
    }
    return _object(properties, ("match",))


def _users() -> _Schema:
    properties = {
        "user": _TEXT, "name": _TEXT, "language": _TEXT, "manager": _ref("mail"), "active": _FLAG,
        "zone": {"type": "string"}, "queue": _FLAG, "absent": _ref("days"), "hours": _ref("hours"), "calendar": _TEXT,
        "open leads": {"type": "integer", "minimum": 0},
    }  # fmt: skip
    assert set(properties) == set(USER_KEYS)
    user = {"anyOf": [_ref("mail"), _object(properties, ("user",))]}
    return _object({"users": {"type": "array", "items": user, "maxItems": limits.MOST_USERS}}, ("users",))


def _test() -> _Schema:
    expect = {**_object({name: {} for name in EXPECTED}), "minProperties": 1}
    leads = {"type": "array", "minItems": 1, "maxItems": limits.MOST_REPEATS}
    known: _Schema = {"repeat": {"type": "integer", "minimum": 1}, "leads": leads, "expect": expect}
    test = _object({key: known.get(key, {}) for key in TEST_KEYS} | {"test": _TEXT}, ("test", "expect"))
    return {**test, "anyOf": [{"required": ["lead"]}, {"required": ["leads"]}]}


def _fields() -> _Schema:
    """Return the names as they are usually written; the loader knows more spellings of them."""
    api = {"type": "string", "pattern": f"^{API_NAME.pattern}$"}
    names = {f"{scope}.{name}": api for scope, names in MAPPED.items() for name in names}
    mapping = {**_object(names), "additionalProperties": api, "minProperties": 1}
    return _object({"fields": _said("The field of the CRM behind a name.", mapping)}, ("fields",))


def _duplicates() -> _Schema:
    """Return the policy of merging as it is usually written; the loader knows more words."""
    share = {"type": ["string", "number"], "pattern": r"^\s*((at|from)\s+)?\d{1,3}(\.\d{1,9})?\s*%?\s*$"}
    name = {"type": "string", "pattern": rf"^((lead|contact|record)\.)?{API_NAME.pattern}$"}
    names = _some(name, merge_reading.MOST_NAMED)
    differs = _object(dict.fromkeys(("tax id differs", "differs"), names))
    blocker = {"anyOf": [{"type": "string"}, {**differs, "minProperties": 1, "maxProperties": 1}]}
    rule = {"type": "string", "examples": ["newest", "survivor, else non-empty", "most trusted source [Website]"]}
    mapping = {"type": "object", "additionalProperties": rule, "minProperties": 1}
    properties = {
        "duplicates": _said("The name of the policy.", _TEXT),
        "mode": _said(
            "How far it goes; merging is off until act stands here.", {"enum": ["observe", "suggest", "act"]}
        ),
        "objects": _said("Which records are compared.", _some({"type": "string", "pattern": "with|and|to"}, 4)),
        "merge": _said("From here on two records are one person.", share),
        "review": _said("From here on a person is asked.", share),
        "ids": _said("Fields that identify a person.", names),
        "unless": _said("What makes a pair a review item.", _some(blocker, merge_reading.MOST_BLOCKERS)),
        "survivor": _said("Who survives, the first that sees a difference.", _some(_TEXT, merge_reading.MOST_MERITS)),
        "fields": _said("Which value stays, by field.", {"anyOf": [mapping, {"type": "array", "items": mapping}]}),
        "opt outs": _said("Your own fields that say no.", names),
        "consents": _said("Your own fields that say yes or no.", names),
        "convert": _said("Whether a lead is converted onto its contact.", {"type": "string"}),
        "owner": _said("Whose owner stays.", {"type": "string"}),
        "turn": _said("Whether a merged lead gives its turn in a pool back.", {"type": "string"}),
        "most records": {"type": "integer", "minimum": 2, "maximum": merge_reading.LARGEST_GROUP},
    }
    assert set(properties) == set(merge_reading.KEYS)
    return _object(properties, ("duplicates",))


def text() -> str:
    """Return the schema as it stands in the file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"Wrote {FILE.name}.")
