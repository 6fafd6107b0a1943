"""What a version of the package promises to those who installed it: ``python -m tests.manifests.salesforce.releases``.

Run it when a version is released: it writes ``released.txt``, a line for each component that customers may build on.
Salesforce refuses an upgrade in which one of them is gone or of another type; the tests notice before.
"""

from __future__ import annotations

from tests.manifests.salesforce.package_files import ROOT, SOURCE, field_files, field_type, names, picklist, stem

RELEASED = ROOT / "released.txt"
_FOLDERS = {
    "permission set": "permissionsets",
    "tab": "tabs",
    "application": "applications",
    "notification type": "notificationtypes",
    "channel": "platformEventChannels",
    "channel member": "platformEventChannelMembers",
    "client app": "externalClientApps",
    "report type": "reportTypes",
    "page": "flexipages",
}


def promised() -> set[str]:
    """Return a line for each component of the package as it stands: its kind, its name, for a field its type."""
    found = {f"object {path.parent.name}" for path in SOURCE.glob("objects/*/*.object-meta.xml")}
    found |= {f"field {name} {field_type(name)}" for name in field_files()}
    found |= {f"value {name} {value}" for name in field_files() for value in picklist(name)}
    found |= {f"component {path.parent.name}" for path in SOURCE.glob("lwc/*/*.js-meta.xml")}
    found |= {f"list view {path.parents[1].name}.{stem(path)}" for path in SOURCE.glob("objects/*/listViews/*")}
    return found | {f"{kind} {name}" for kind, folder in _FOLDERS.items() for name in names(folder)}


def released() -> set[str]:
    """Return the lines of the last release."""
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


if __name__ == "__main__":
    head = "# What the last released version holds. Written by `python -m tests.manifests.salesforce.releases`.\n"
    RELEASED.write_text(head + "".join(f"{line}\n" for line in sorted(promised())), encoding="utf-8")
