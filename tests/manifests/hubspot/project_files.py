"""The project's files as tests read them, and the app objects as the connector's schemas want them.

``python -m tests.manifests.hubspot.project_files`` writes the app objects and their associations anew, when a schema of
connector/hubspot/schemas.py has changed.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from connector.hubspot.fields import LEAD
from connector.hubspot.schemas import AUDIT_OBJECT, OF_LEADS, RULE_OBJECT, SCHEMAS

ROOT = Path(__file__).resolve().parents[3] / "manifests" / "hubspot"
SOURCE = ROOT / "src"
APP = SOURCE / "app"
PREFIX = "Switchyard"
STANDARD = {"0-1": "CONTACT", "0-2": "COMPANY", "0-136": "LEAD"}
"""Object type ids and what the project calls them."""
TOOLS_TIMEOUT = 240

Config = dict[str, Any]


def config(path: str) -> Config:
    """Return the `config` of one of the app's files, named without its ``-hsmeta.json``."""
    found: Config = json.loads((APP / f"{path}-hsmeta.json").read_text(encoding="utf-8"))["config"]
    return found


def metas(folder: str) -> dict[str, Config]:
    """Return uid -> config of the files of one folder of the app."""
    read = (json.loads(path.read_text(encoding="utf-8")) for path in sorted((APP / folder).glob("*-hsmeta.json")))
    return {meta["uid"]: meta["config"] for meta in read}


def app_objects() -> dict[str, Config]:
    """Return uid -> config of the app objects that hold what the connector's two objects hold."""
    return {name: _app_object(schema) for name, schema in SCHEMAS.items()}


def associations() -> dict[str, Config]:
    """Return uid -> config of the associations that the connector's two objects have."""
    return {
        f"{name}_to_{STANDARD[other].lower()}": {"firstObjectType": name, "secondObjectType": STANDARD[other]}
        for name, schema in SCHEMAS.items()
        for other in [*schema["associatedObjects"], *([LEAD] if name in OF_LEADS else ())]
    }


def run(tool: str, *command: str) -> str:
    """Run one of the tools in the project's folder and return what it says; fail with that when it fails."""
    program = ROOT / "node_modules" / ".bin" / tool
    if not program.exists():
        pytest.fail("Run `make setup` first: it fetches the tools that check the project.")
    done = subprocess.run(
        [program, *command], cwd=ROOT, capture_output=True, text=True, timeout=TOOLS_TIMEOUT, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def _app_object(schema: Config) -> Config:
    people_write = {RULE_OBJECT: True, AUDIT_OBJECT: False}[schema["name"]]
    return {
        "name": schema["name"].upper(),
        "description": schema["description"],
        "singularForm": schema["labels"]["singular"],
        "pluralForm": schema["labels"]["plural"],
        "appPrefix": PREFIX,
        "primaryDisplayLabelPropertyName": schema["primaryDisplayProperty"],
        "secondaryDisplayLabelPropertyNames": schema["secondaryDisplayProperties"],
        "properties": schema["properties"],
        "defaultCreateFormFields": [
            {"propertyName": name, "isRequired": True, "isRemovable": False} for name in schema["requiredProperties"]
        ],
        "settings": {"hasRecordPage": True, "allowsUserCreatedRecords": people_write, "hasEngagements": False},
    }


def write() -> None:
    """Write the files of the app objects and of their associations, in the format of the project."""
    for kind, wanted in (("app-object", app_objects()), ("app-object-association", associations())):
        for uid, content in wanted.items():
            meta = {"uid": uid, "type": kind, "config": content}
            path = APP / f"{kind}s" / f"{uid.replace('_', '-')}-hsmeta.json"
            path.write_text(f"{json.dumps(meta, indent=2)}\n", encoding="utf-8")
    run("prettier", "--log-level", "warn", "--write", "src/app/app-objects", "src/app/app-object-associations")


if __name__ == "__main__":
    write()
