"""An upgrade only adds: nothing that a customer has installed vanishes or changes its type."""

from __future__ import annotations

import json

from tests.manifests.salesforce.package_files import ROOT, field_files, text
from tests.manifests.salesforce.releases import promised, released


def test_nothing_of_the_last_release_has_vanished_or_changed_its_type() -> None:
    assert released() - promised() == set()


def test_the_list_of_the_last_release_names_what_people_build_on() -> None:
    assert {"object Routing_Audit__c", "field Lead.Switchyard_Account__c Lookup"} <= released()
    assert any(line.startswith("permission set ") for line in released())


def test_a_new_field_is_not_required_because_old_rows_have_no_value() -> None:
    old = {line.split()[1] for line in released() if line.startswith("field ")}
    for name in set(field_files()) - old:
        assert text(field_files()[name], "/m:CustomField/m:required") in ("false", ""), name


def test_the_version_to_come_is_above_the_first() -> None:
    project = json.loads((ROOT / "sfdx-project.json").read_text())
    (package,) = project["packageDirectories"]
    assert package["versionNumber"].endswith(".NEXT")
    assert package["ancestorVersion"] == "HIGHEST", "an upgrade needs its ancestor"
