"""The code names only objects and fields that the package has, and the package has only what something uses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from connector.salesforce import check_package, fields, payloads, snapshot_parts
from rules.model import DuplicateStatus, MatchStatus, Mode, Outcome, ResponseStatus
from tests.manifests.salesforce.package_files import (
    OWN_OBJECTS,
    ROOT,
    SOURCE,
    field_files,
    field_type,
    picklist,
    texts,
)
from tests.manifests.salesforce.test_reports import REPORTS, own_field

ADAPTER = Path(fields.__file__).parent
OTHERS = set(fields.SAMPLES["lead"].values())
"""Fields that some orgs have and the package has not."""


def in_code() -> set[str]:
    """Return ``Object.Field__c`` for every field of ours that the adapter reads or writes."""
    lead = {name for name in fields.FIELDS["lead"].values() if name.endswith("__c")}
    audit = {*check_package.AUDIT_PARTS, *payloads.AUDIT_FIELDS.values(), *payloads.REPORT_FIELDS.values()}
    audit |= {*payloads.LOOKUPS, payloads.KEY_FIELD}
    rule = {*check_package.RULE_PARTS, *payloads.STANDING_FIELDS.values(), payloads.ERROR_FLAG}
    named = {
        "Lead": lead | {fields.LEAD_LINK, *fields.LEAD_STAMP.values(), fields.REQUEST, fields.REQUEST_REFUSED},
        "Contact": {fields.REQUEST, fields.REQUEST_REFUSED},
        fields.AUDIT_OBJECT: audit,
        fields.RULE_OBJECT: rule,
        fields.SNAPSHOT_OBJECT: {snapshot_parts.PART_KEY, snapshot_parts.DECISION_KEY, snapshot_parts.CONTENT},
    }
    return {f"{sobject}.{name}" for sobject, found in named.items() for name in found}


def in_reports() -> set[str]:
    """Return the fields of ours that reports show, group by or filter by."""
    columns = [
        column
        for path in REPORTS
        for column in texts(path, "//m:columns/m:field | //m:groupingsDown/m:field | //m:column")
    ]
    return {name for name in map(own_field, columns) if name}


def in_components() -> set[str]:
    """Return the fields of leads and contacts that components read or write."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.glob("lwc/*/*.js"))
    named = set(re.findall(r"\bSwitchyard_\w+?__c\b", code))
    return {
        name for name in field_files() if name.partition(".")[2] in named and name.startswith(("Lead.", "Contact."))
    }


def converted() -> list[tuple[str, str]]:
    """Return the pairs of fields that the README has an administrator map for when a lead is converted."""
    page = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(Lead\.\w+)`\s*\|(.+?)\|(.+?)\|$", page, re.MULTILINE)
    return [(lead, name) for lead, *cells in rows for cell in cells for name in re.findall(r"`([\w.]+)`", cell)]


def test_the_code_names_only_fields_that_the_package_has() -> None:
    assert in_code() <= set(field_files()), in_code() - set(field_files())


def test_no_name_of_a_field_or_an_object_of_ours_stands_in_the_code_without_being_in_the_package() -> None:
    known = {name.partition(".")[2] for name in field_files()} | set(OWN_OBJECTS) | OTHERS
    for path in ADAPTER.glob("*.py"):
        quoted = set(re.findall(r"\"([A-Za-z]\w*__c)\"", path.read_text(encoding="utf-8")))
        assert quoted <= known, (path.name, quoted - known)


def test_the_package_has_no_field_that_nothing_uses() -> None:
    used = in_code() | in_reports() | in_components() | {name for _, name in converted()}
    assert set(field_files()) <= used, set(field_files()) - used


def test_the_package_has_no_object_that_the_code_does_not_know() -> None:
    own = {path.parent.name for path in SOURCE.glob("objects/*/*.object-meta.xml")}
    assert own == set(OWN_OBJECTS) == {fields.AUDIT_OBJECT, fields.RULE_OBJECT, fields.SNAPSHOT_OBJECT}
    extended = {path.name for path in (SOURCE / "objects").iterdir()} - own
    assert extended == {"Lead", "Contact", "Account"}


def test_what_is_mapped_at_conversion_fits() -> None:
    pairs = converted()
    assert {lead for lead, _ in pairs} <= {f"Lead.{name}" for name in fields.LEAD_STAMP.values()}
    for lead, copy in pairs:
        assert field_type(lead) == field_type(copy), (lead, copy)
    requests = {name for name in field_files() if ".Switchyard_Request" in name}
    mapped = {copy for _, copy in pairs}
    assert mapped == {name for name in field_files() if name.startswith(("Contact.", "Account."))} - requests


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Routing_Audit__c.Outcome__c", Outcome),
        ("Routing_Audit__c.Mode__c", Mode),
        ("Routing_Audit__c.Match_Status__c", MatchStatus),
        ("Routing_Audit__c.Duplicate_Status__c", DuplicateStatus),
        ("Routing_Audit__c.Response_Status__c", ResponseStatus),
    ],
)
def test_a_restricted_picklist_has_every_value_that_the_code_may_write(name: str, values: object) -> None:
    assert set(picklist(name)) == set(get_args(values))


def test_a_fields_texts_are_as_long_as_what_is_written() -> None:
    assert field_type("Lead.Switchyard_Decision__c") == field_type("Routing_Audit__c.Decision_Key__c") == "Text(80)"
    for name in ("Record_Id__c", "Duplicate_Of__c", "Previous_Owner__c"):
        assert field_type(f"Routing_Audit__c.{name}") == "Text(18)"
