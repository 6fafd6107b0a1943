"""The package's Lightning components: linted, formatted, run in jest, and in step with the package and the product."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from jobs import standings
from jobs.standings import Line
from rules import audit, labels
from rules.actions import Member
from rules.faults import Fault
from rules.labels import Label, LabelVerdict
from rules.model import User
from tests.manifests.salesforce.package_files import ROOT, SOURCE, field_files, picklist, text, texts, tree
from tests.rules.make import account, decided, lead, scene
from tests.rules.test_decide import RULES
from tests.sandbox.salesforce.standard import standard_schema

LWC = SOURCE / "lwc"
LABELS = SOURCE / "labels" / "CustomLabels.labels-meta.xml"
EXPOSED = {"routingCard", "routingRuleCard", "switchyardHome"}
TOOLS_TIMEOUT = 110
FORBIDDEN = (
    r"\bfetch\(",
    "XMLHttpRequest",
    "innerHTML",
    "lwc:dom",
    "loadScript",
    "loadStyle",
    r"\beval\(",
    "@salesforce/apex",
)
"""What would reach another host, run text as code, or leave Lightning Data Service and its permissions."""


def run(tool: str, *command: str) -> str:
    """Run one of the tools in the package's folder and return what it says; fail with that when it fails."""
    program = ROOT / "node_modules" / ".bin" / tool
    if not program.exists():
        pytest.fail("Run `make setup` first: it fetches the tools that check the components.")
    done = subprocess.run(
        [program, *command], cwd=ROOT, capture_output=True, text=True, timeout=TOOLS_TIMEOUT, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def sources(pattern: str = "*") -> Iterator[Path]:
    """Yield the files of the components that are packaged: not their tests."""
    return (path for path in sorted(LWC.glob(f"*/{pattern}")) if path.is_file())


def values(name: str) -> dict[str, str]:
    """Return label -> its `name`."""
    return dict(zip(texts(LABELS, "//m:labels/m:fullName"), texts(LABELS, f"//m:labels/m:{name}"), strict=True))


def candidate(told: dict[str, Any]) -> tuple[set[str], type, type, type]:
    """Return what the card reads of an account in a detail: its parts, and the kinds of id, name and probability."""
    return set(told), type(told["id"]), type(told["name"]), type(told["p"])


def test_components_behave_in_every_state_and_all_their_lines_are_run() -> None:
    """Jest holds the threshold of coverage and, by axe, that each state is accessible."""
    assert "All files" in run("jest", "--coverage", "--ci", "--runInBand")


def test_components_are_linted() -> None:
    run("eslint", "--max-warnings", "0", ".")


def test_components_and_metadata_are_formatted() -> None:
    run("prettier", "--log-level", "warn", "--check", ".")


def test_only_what_belongs_on_a_page_is_exposed() -> None:
    exposed = {path.parent.name for path in sources("*.js-meta.xml") if text(path, "//m:isExposed") == "true"}
    assert exposed == EXPOSED
    for path in sources("*.js-meta.xml"):
        assert text(path, "//m:masterLabel"), path.name
        assert text(path, "//m:description"), path.name
        assert text(path, "//m:apiVersion") == "66.0"
    objects = {name: texts(LWC / name / f"{name}.js-meta.xml", "//m:objects/m:object") for name in sorted(EXPOSED)}
    assert objects == {"routingCard": ["Lead", "Contact"], "routingRuleCard": ["Routing_Rule__c"], "switchyardHome": []}


def test_components_stay_within_lightning_data_service_and_on_the_page() -> None:
    for path in (*sources("*.js"), *sources("*.html")):
        written = path.read_text(encoding="utf-8")
        assert [each for each in FORBIDDEN if re.search(each, written)] == [], path.name
        addresses = re.findall(r"https?://(?!\")[^\s'\"<\[]+", written)
        assert addresses == [], f"{path.name}: texts and addresses are labels"


def test_templates_have_no_texts_of_their_own() -> None:
    for path in sources("*.html"):
        written = re.sub(r"<[^>]*>|\{[^}]*\}", " ", path.read_text(encoding="utf-8"))
        assert re.findall(r"[A-Za-z]{2,}", written) == [], path.name


def test_every_label_is_used_and_every_used_label_exists() -> None:
    written = (LWC / "texts" / "texts.js").read_text(encoding="utf-8")
    assert set(re.findall(r"@salesforce/label/c\.(\w+)", written)) == set(values("value"))
    for path in sources("*.js"):
        used = path.read_text(encoding="utf-8") + "".join(each.read_text() for each in path.parent.glob("*.html"))
        assert "@salesforce/label" not in used or path.parent.name == "texts"
    everything = "".join(path.read_text(encoding="utf-8") for path in (*sources("*.js"), *sources("*.html")))
    for name in values("value"):
        _, _, short = name.partition("_")
        key = short[0].lower() + short[1:]
        assert re.search(rf"\b(text|CARD|RULE|HOME)\.{key}\b", everything), name


def test_labels_fit_and_are_english_for_the_package_alone() -> None:
    assert max(map(len, values("value").values())) <= 1000
    assert max(map(len, values("shortDescription").values())) <= 80
    assert set(values("language").values()) == {"en_US"}
    assert set(values("protected").values()) == {"true"}


def test_the_console_has_one_address_that_a_page_may_replace() -> None:
    assert values("value")["Home_ConsoleAddress"].startswith("https://")
    found = tree(LWC / "switchyardHome" / "switchyardHome.js-meta.xml").xpath("//*[local-name()='property']/@name")
    assert found == ["consoleAddress"]


def test_every_field_that_components_name_exists() -> None:
    for path in sources("*.js"):
        for name in re.findall(r"@salesforce/schema/([\w.]+)", path.read_text(encoding="utf-8")):
            sobject, _, rest = name.partition(".")
            assert not rest or _exists(sobject, rest), f"{path.name}: {name}"


def _exists(sobject: str, name: str) -> bool:
    first, _, further = name.partition(".")
    own = f"{sobject}.{first.replace('__r', '__c') if further else first}"
    if own in field_files():
        return not further or _exists(text(field_files()[own], "//m:referenceTo"), further)
    known = standard_schema().get(sobject).fields if not sobject.endswith("__c") else {"Name": None}
    return first in known or (further == "Name" and f"{first}Id" in known)


@pytest.mark.parametrize("path", sorted(LWC.glob("*/query.js")), ids=lambda path: path.parent.name)
def test_every_name_in_a_query_exists_and_custom_ones_have_an_alias(path: Path) -> None:
    """The platform puts the namespace before custom names, so the answer can only be read by aliases."""
    query = path.read_text(encoding="utf-8")
    named = {name.replace("__r", "__c") for name in re.findall(r"\w+__[cr]\b", query)}
    assert named <= {name.partition(".")[2] for name in field_files()} | {"Routing_Audit__c", "Routing_Rule__c"}
    selected = re.findall(r"(?m)^ +(?:(\w+): )?(\w+__[cr])(?=[ (])", query)
    assert len(selected) >= 5
    assert all(alias for alias, _ in selected)


def test_the_card_asks_for_what_the_field_can_hold() -> None:
    written = (LWC / "routingCard" / "requests.js").read_text(encoding="utf-8")
    asked = re.findall(r"value: '(\w+)'", written)
    for sobject in ("Lead", "Contact"):
        assert list(picklist(f"{sobject}.Switchyard_Request__c")) == asked


def test_the_card_knows_the_outcomes_and_modes_that_it_tells_apart() -> None:
    written = (LWC / "routingCard" / "requests.js").read_text(encoding="utf-8")
    told = {name for group in re.findall(r"new Set\(\[(.*?)\]\)", written) for name in re.findall(r"'(\w+)'", group)}
    assert told <= set(picklist("Routing_Audit__c.Outcome__c"))
    assert "observe" in picklist("Routing_Audit__c.Mode__c")


def test_the_card_passes_over_what_a_person_said_of_two_records_and_nothing_else() -> None:
    asked = (LWC / "routingCard" / "query.js").read_text(encoding="utf-8")
    left_out = re.search(r'not: { Decision_Key__c: { like: "([^"]+)" } }', asked)
    assert left_out
    alike = re.compile(left_out[1].replace("%", ".*"), re.DOTALL)
    both = Member("lead", "00Q000000000001AAA"), Member("account", "001000000000001AAA")
    said = [Label(verdict, both, "Ana", datetime(2026, 11, 22, tzinfo=UTC)) for verdict in get_args(LabelVerdict)]
    assert said
    assert all(alike.fullmatch(labels.key(each)) for each in said)
    made = decided(lead(email="x@acme.com", company="Acme Foods"), scene(RULES))
    assert not alike.fullmatch(made.key)


def test_the_card_reads_the_detail_that_is_written_now() -> None:
    written = (LWC / "auditStory" / "auditStory.js").read_text(encoding="utf-8")
    readable = re.search(r"READABLE = new Set\(\[([\d, ]+)\]\)", written)
    assert readable
    assert str(audit.VERSION) in readable[1].split(", ")
    who = lead(email="x@acme.com", company="Acme Foods")
    rivals = [account("A1", name="Acme Foods", website="acme.com"), account("A2", name="Acme", website="acme.com")]
    told = json.loads(audit.detail(decided(who, scene(RULES), accounts=rivals)))
    sample = json.loads((LWC / "auditStory" / "__tests__" / "detail.json").read_text(encoding="utf-8"))
    assert candidate(sample["match"]["others"][0]) == candidate(told["match"]["others"][0])
    assert candidate(sample["match"]["account"]) == candidate(told["match"]["account"])
    assert set(sample["match"]) == set(told["match"])
    assert set(sample) <= set(told)
    assert "until" in told["route"]


def test_the_rule_card_reads_errors_and_shares_as_they_are_written() -> None:
    known = (LWC / "ruleText" / "__tests__" / "ruleText.test.js").read_text(encoding="utf-8")
    assert str(Fault("EMEA (a01)", 3, 5, "There is no list “Nordics”.", "Write a list.")) in known
    ana = User("U1", "Ana")
    assert standings._told(Line(ana, 0.5, 3, 2.5)) in known
    assert standings._HEADS["suggest"].strip() in known


def test_the_lock_file_names_no_place_to_get_packages() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert [name for name, package in locked.items() if "resolved" in package] == []
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
