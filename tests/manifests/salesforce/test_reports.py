"""Reports, their types and the dashboard name only what exists, and answer what a manager asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.manifests.salesforce.package_files import NS, SOURCE, field_files, names, picklist, stem, text, texts, tree
from tests.sandbox.salesforce.package import MANIFEST, read_package
from tests.sandbox.salesforce.standard import standard_schema

TYPES = sorted(SOURCE.glob("reportTypes/*"))
REPORTS = sorted(SOURCE.glob("reports/Switchyard/*"))
(DASHBOARD,) = SOURCE.glob("dashboards/Switchyard/*")
LONG = {"LongTextArea"}
NUMBERS = {"Number", "Percent", "Currency"}
PERSONS = {"Owner": "OwnerId", "LastModifiedBy": "LastModifiedById", "CreatedBy": "CreatedById"}
"""What report types call the fields that point to a user."""


def org() -> dict[str, set[str]]:
    """Return object -> fields of an org with the package installed."""
    schema = standard_schema()
    read_package(MANIFEST).install(schema)
    return {name: set(schema.get(name).fields) for name in ("Lead", "Contact", "Account", "User", *OWN)}


OWN = ("Routing_Audit__c", "Routing_Rule__c")
KNOWN = org()


def tables(path: Path) -> dict[str, str]:
    """Return the tables of a report type -> their objects: its base, and what is joined to it."""
    base = text(path, "/m:ReportType/m:baseObject")
    found = {base: base}
    if joined := text(path, "/m:ReportType/m:join/m:relationship"):
        lookups = [
            name.split(".")[0]
            for name, field in field_files().items()
            if f"{text(field, '//m:relationshipName')}__r" == joined and text(field, "//m:referenceTo") == base
        ]
        assert len(lookups) == 1, (path.name, joined)
        found[f"{base}.{joined}"] = lookups[0]
    return found


def exists(sobject: str, name: str) -> bool:
    """Whether a field, or one reached by a lookup (``Lead__c.Status``), exists."""
    first, _, rest = name.partition(".")
    if rest:
        target = text(field_files()[f"{sobject}.{first}"], "//m:referenceTo")
        return exists(target, rest)
    return PERSONS.get(first, first) in KNOWN[sobject]


def offered(report_type: str) -> set[str]:
    """Return the columns that reports of a type may use, as reports write them: ``table$field``."""
    path = SOURCE / "reportTypes" / f"{report_type.removesuffix('__c')}.reportType-meta.xml"
    columns = tree(path).xpath("//m:sections/m:columns", namespaces=NS)
    return {f"{one.findtext('m:table', namespaces=NS)}${one.findtext('m:field', namespaces=NS)}" for one in columns}


def own_field(column: str) -> str:
    """Return ``Object.Field__c`` for a report's column of one of our fields, else nothing."""
    table, _, name = column.partition("$")
    sobject = {"Lead.Routing_Audits__r": "Routing_Audit__c", "Account.Switchyard_Leads__r": "Lead"}.get(table, table)
    return f"{sobject}.{name}" if f"{sobject}.{name}" in field_files() else ""


def kind(column: str) -> str:
    name = own_field(column)
    return text(field_files()[name], "/m:CustomField/m:type") if name else ""


@pytest.mark.parametrize("path", TYPES, ids=stem)
def test_report_type_offers_only_fields_that_exist(path: Path) -> None:
    known = tables(path)
    for column in tree(path).xpath("//m:sections/m:columns", namespaces=NS):
        table, name = (column.findtext(f"m:{part}", namespaces=NS) for part in ("table", "field"))
        assert exists(known[table], name), f"{table}${name}"


def test_every_field_of_an_audit_can_be_reported_on() -> None:
    offer = offered("Switchyard_Audits__c")
    mine = {name.partition(".")[2] for name in field_files() if name.startswith("Routing_Audit__c.")}
    assert mine - {"Detail__c"} <= {column.partition("$")[2] for column in offer}, "the detail is JSON for machines"


@pytest.mark.parametrize("path", REPORTS, ids=stem)
def test_report_uses_columns_that_its_type_offers(path: Path) -> None:
    offer = offered(text(path, "/m:Report/m:reportType"))
    buckets = set(texts(path, "//m:buckets/m:developerName"))
    asked = texts(
        path,
        "//m:columns/m:field | //m:criteriaItems/m:column | //m:groupingsDown/m:field"
        " | //m:timeFrameFilter/m:dateColumn | //m:sortColumn | //m:sourceColumnName | //m:downGroupingContext",
    )
    assert set(asked) <= offer | buckets, set(asked) - offer - buckets


@pytest.mark.parametrize("path", REPORTS, ids=stem)
def test_report_groups_filters_and_sums_only_what_can_be(path: Path) -> None:
    groups = texts(path, "//m:groupingsDown/m:field")
    assert len(groups) <= 3
    assert text(path, "/m:Report/m:format") == ("Summary" if groups else "Tabular")
    assert not [one for one in groups + texts(path, "//m:criteriaItems/m:column") if kind(one) in LONG]
    assert not set(groups) & set(texts(path, "//m:columns/m:field")), "a grouping is shown already"
    for column in tree(path).xpath("//m:columns[m:aggregateTypes]", namespaces=NS):
        assert kind(column.findtext("m:field", namespaces=NS)) in NUMBERS


@pytest.mark.parametrize("path", REPORTS, ids=stem)
def test_report_filters_by_values_that_exist_under_name_and_label(path: Path) -> None:
    """Salesforce's pages differ on whether a report keeps a value's name or its label: ours are alike but for case."""
    for item in tree(path).xpath("//m:criteriaItems", namespaces=NS):
        name = own_field(item.findtext("m:column", namespaces=NS))
        if not name or text(field_files()[name], "/m:CustomField/m:type") != "Picklist":
            continue
        known = picklist(name)
        for value in filter(None, (item.findtext("m:value", namespaces=NS) or "").split(",")):
            assert known[value].lower() == value


@pytest.mark.parametrize("path", REPORTS, ids=stem)
def test_report_formulas_compare_with_a_group_above(path: Path) -> None:
    groups = texts(path, "//m:groupingsDown/m:field")
    for node in tree(path).xpath("//m:aggregates", namespaces=NS):
        below = node.findtext("m:downGroupingContext", namespaces=NS)
        formula = node.findtext("m:calculatedFormula", namespaces=NS)
        above = re.fullmatch(r"RowCount / PARENTGROUPVAL\(RowCount, (\w+)\.(\w+)\)", formula)
        assert above is not None, formula
        assert groups.index(f"{above[1]}${above[2]}") < groups.index(below)


@pytest.mark.parametrize("path", REPORTS, ids=stem)
def test_report_draws_only_what_it_groups_and_sums(path: Path) -> None:
    groups = texts(path, "//m:groupingsDown/m:field")
    assert set(texts(path, "//m:chart/m:groupingColumn | //m:chart/m:secondaryGroupingColumn")) <= set(groups)
    assert summed(tree(path).xpath("//m:chart/m:chartSummaries", namespaces=NS)) <= sums_of(path)


def test_a_report_is_of_a_type_of_ours_and_lies_in_a_folder_that_everybody_may_read() -> None:
    for path in REPORTS:
        assert text(path, "/m:Report/m:reportType").removesuffix("__c") in names("reportTypes")
    for folder in SOURCE.glob("*/Switchyard.*Folder-meta.xml"):
        assert (text(folder, "//m:accessType"), text(folder, "//m:publicFolderAccess")) == ("Public", "ReadOnly")


def test_no_two_reports_have_one_name() -> None:
    titles = [text(path, "/m:Report/m:name") for path in REPORTS]
    assert len(titles) == len(set(titles)) >= 10


def test_dashboard_shows_only_what_its_reports_hold() -> None:
    components = tree(DASHBOARD).xpath("//m:components", namespaces=NS)
    assert 6 <= len(components) <= 9
    for component in components:
        folder, _, name = component.findtext("m:report", namespaces=NS).partition("/")
        path = SOURCE / "reports" / folder / f"{name}.report-meta.xml"
        groups = texts(path, "//m:groupingsDown/m:field")
        wanted = [node.text for node in component.findall("m:groupingColumn", namespaces=NS)]
        assert wanted == groups[: len(wanted)], name
        assert summed(component.findall("m:chartSummary", namespaces=NS)) <= sums_of(path), name
        stacked = "Stacked" in component.findtext("m:componentType", namespaces=NS)
        assert len(wanted) == (2 if stacked else 1), name


def test_dashboard_needs_no_dynamic_one_of_the_few_an_org_may_have_and_names_no_lead() -> None:
    assert text(DASHBOARD, "//m:dashboardType") == "SpecifiedUser"
    assert not texts(DASHBOARD, "//m:runningUser"), "it runs as who installs the package"
    kinds = set(texts(DASHBOARD, "//m:componentType"))
    assert not kinds & {"Table", "FlexTable"}, "whoever sees the dashboard sees what the installing user may see"
    assert text(DASHBOARD, "/m:Dashboard/m:title") == "Lead routing"


QUESTIONS = {
    "speed to lead": "Speed_to_Lead",
    "match rate": "Match_Rate_by_Source",
    "share per rep against entitlement": "Share_per_Rep",
    "response in time": "Response_in_Time",
    "unmatched by source": "Unmatched_by_Source",
    "refused or waiting": "Refused_or_Waiting",
    "leads by rule": "Leads_by_Rule",
    "why did I get this lead": "Why_I_Got_This_Lead",
    "routed without account": "Routed_without_Account",
    "duplicates found": "Duplicates_Found",
    "leads nobody routed": "Leads_Nobody_Routed",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_managers_question_has_a_report(question: str) -> None:
    assert QUESTIONS[question] in names("reports/Switchyard")


def test_share_is_shown_beside_what_was_due() -> None:
    path = SOURCE / "reports/Switchyard/Share_per_Rep.report-meta.xml"
    assert ("Routing_Audit__c$Entitled_Share__c", "Average") in sums_of(path)
    assert text(path, "//m:aggregates/m:masterLabel") == "Share received"


def test_why_did_i_get_this_lead_shows_only_ones_own() -> None:
    assert text(SOURCE / "reports/Switchyard/Why_I_Got_This_Lead.report-meta.xml", "//m:scope") == "user"


def summed(summaries: list[object]) -> set[tuple[str, str]]:
    """Return (column, how) of what a chart draws."""
    return {
        (node.findtext("m:column", namespaces=NS), node.findtext("m:aggregate", namespaces=NS) or "")  # type: ignore[attr-defined]
        for node in summaries
    }


def sums_of(path: Path) -> set[tuple[str, str]]:
    """Return (column, how) of what a report sums up; the count of rows is always there."""
    found = {("RowCount", "")}
    for node in tree(path).xpath("//m:columns[m:aggregateTypes]", namespaces=NS):
        how = [one.text for one in node.findall("m:aggregateTypes", namespaces=NS)]
        found |= {(node.findtext("m:field", namespaces=NS), one) for one in how}
    return found
