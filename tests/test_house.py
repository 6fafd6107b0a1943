"""The house rules that no other test would notice: files that must agree with each other, and what no file may say.

That HubSpot's scopes agree with its project is in tests/oauth/test_manifest.py; that the Salesforce package and the
code name the same fields, in tests/manifests/salesforce.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from connector.cli import PLACES
from connector.settings import Settings
from oauth import salesforce
from tests.connector.web import test_vendor

ROOT = Path(__file__).resolve().parents[1]
SALESFORCE = ROOT / "manifests" / "salesforce" / "force-app" / "main" / "default"
ECA = SALESFORCE / "extlClntAppOauthSettings" / "Switchyard_oauth.ecaOauth-meta.xml"
PROTO = Path("connector/salesforce/pb/pubsub_api.proto")
NOT_TEXT = {".png", ".ico", ".woff2", ".svg", ".gz"}
MADE = (".pb.py", "_pb2.py", "_pb2.pyi", "_pb2_grpc.py")


def tracked() -> list[str]:
    """Return the files of the repository, by git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def procfile() -> dict[str, str]:
    lines = (line.split(":", 1) for line in text_of("Procfile").splitlines() if line.strip())
    return {name: command.strip() for name, command in lines}


def test_every_process_of_the_procfile_is_a_command() -> None:
    found = procfile()
    assert set(found) == {"release", "web", "worker", "listener", "clock"}
    for command in found.values():
        program, *words = command.split()
        assert program in tomllib.loads(text_of("pyproject.toml"))["project"]["scripts"]
        assert words[0] in PLACES


def test_the_page_about_running_tells_of_every_process() -> None:
    page = text_of("docs/running.md")
    for name in procfile():
        assert f"| `{name}` |" in page, name


def test_every_setting_is_documented_where_check_shows_it() -> None:
    for name, field in Settings.model_fields.items():
        assert len(field.description or "") > 10, name


def test_settings_that_pages_name_exist() -> None:
    """A name in capitals in a page about running that looks like a setting is one."""
    known = {name.upper() for name in Settings.model_fields}
    groups = {name.split("_", maxsplit=1)[0] for name in known if "_" in name}
    for page in [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]:
        named = re.findall(r"`([A-Z]+_[A-Z_]+)`", page.read_text(encoding="utf-8"))
        ours = {name for name in named if name.split("_", maxsplit=1)[0] in groups and not name.endswith("_FILE")}
        assert ours <= known, page.name


def test_salesforces_scopes_are_those_of_its_external_client_app() -> None:
    names = {"Api": "api", "RefreshToken": "refresh_token", "Basic": "id"}
    listed = _tag(ET.parse(ECA).getroot(), "commaSeparatedOauthScopes")  # noqa: S314 - our own file
    app = {names[each.strip()] for each in listed.split(",")}
    assert set(salesforce.SCOPES["install"].split()) == app
    assert set(salesforce.SCOPES["signin"].split()) <= app


def test_the_generated_messages_are_those_of_the_proto(tmp_path: Path) -> None:
    command = ["grpc_tools.protoc", "-I.", f"--python_out={tmp_path}", f"--pyi_out={tmp_path}"]
    subprocess.run(
        [sys.executable, "-m", *command, f"--grpc_python_out={tmp_path}", str(PROTO)], cwd=ROOT, check=True, timeout=60
    )
    made = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert [path.name for path in made] == ["pubsub_api_pb2.py", "pubsub_api_pb2.pyi", "pubsub_api_pb2_grpc.py"]
    for path in made:
        ours = ROOT / path.relative_to(tmp_path)
        assert path.read_bytes() == ours.read_bytes(), f"run `make proto`: {path.name}"


def test_what_we_copied_from_packages_is_watched() -> None:
    """That each vendored file is its package's own is tested there; here, that the test knows every file."""
    assert {path.name for path in test_vendor.VENDOR.iterdir()} == set(test_vendor.FILES)


# Written in parts, so that this file does not say them itself.
MACHINE = [f"/{'work'}/", f"/{'root'}/", f"/{'opt'}/{'pypi'}"]
REGISTRIES = [
    f"{'pypi'}.org",
    f"{'pythonhosted'}.org",
    f"registry.{'npmjs'}.org",
    f"registry.{'yarnpkg'}.com",
    f"proxy.{'golang'}.org",
    f"{'arti'}factory",
]


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    for name in tracked():
        if Path(name).suffix in NOT_TEXT or name.endswith(MADE):
            continue
        text = text_of(name)
        found = [each for each in (*MACHINE, *REGISTRIES) if each in text]
        assert found == [], name


@pytest.mark.parametrize("name", ["requirements.lock", "tests/independent/package-lock.json", "package-lock.json"])
def test_a_lock_file_names_packages_and_hashes_and_no_place_to_get_them(name: str) -> None:
    text = text_of(name)
    assert "--index" not in text
    assert "--find-links" not in text
    assert '"resolved"' not in text
    # npm keeps the addresses where a package asks for donations; they are no place to get anything.
    addresses = [line for line in text.splitlines() if "://" in line and '"url":' not in line]
    assert addresses == []


def test_every_requirement_is_pinned_with_its_hashes() -> None:
    blocks = re.split(r"\n(?=\S)", text_of("requirements.lock").strip())
    assert len(blocks) > 50
    for block in blocks:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", block), block[:60]
        assert "--hash=sha256:" in block


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    asked = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    locked = {_plain(line.split("==")[0]) for line in text_of("requirements.lock").splitlines() if "==" in line}
    assert {_plain(re.split(r"[\[<>=;! ]", each)[0]) for each in asked} <= locked


def test_no_secret_file_is_tracked() -> None:
    for name in tracked():
        assert not re.search(r"(^|/)\.env$|\.pem$|\.key$|ecaGlblOauth|\.sqlite", name), name


def test_every_folder_and_file_that_a_page_links_to_exists() -> None:
    for page in [*sorted((ROOT / "docs").rglob("*.md")), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def _tag(root: ET.Element, name: str) -> str:
    found = next((each for each in root.iter() if each.tag.rsplit("}", 1)[-1] == name), None)
    return "" if found is None else str(found.text)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
