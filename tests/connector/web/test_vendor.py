"""The front-end files in the repository are those of the npm packages that package.json pins."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
VENDOR = ROOT / "connector" / "web" / "static" / "vendor"
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE": "htmx.org/LICENSE",
    "pico.classless.min.css": "@picocss/pico/css/pico.classless.min.css",
    "pico.LICENSE.md": "@picocss/pico/LICENSE.md",
    "chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    "chart.LICENSE.md": "chart.js/LICENSE.md",
    "codemirror.LICENSE": "@codemirror/view/LICENSE",
    "codemirror.min.js": "",
}
"""Name -> where in which package it stands; "" for what is put together of several."""


def test_nothing_else_is_vendored() -> None:
    assert {path.name for path in VENDOR.iterdir()} == set(FILES)


@pytest.mark.parametrize(("name", "source"), [each for each in FILES.items() if each[1]])
def test_a_vendored_file_is_the_packages_own(name: str, source: str) -> None:
    installed = ROOT / "node_modules" / source
    ours = (VENDOR / name).read_bytes()
    assert ours
    # `make test` runs `npm ci` first; a plain pytest without Node.js has nothing to compare with.
    if installed.exists():
        assert ours == installed.read_bytes(), "run `npm run vendor`"


@pytest.mark.parametrize(
    ("package", "name", "mark"),
    [
        ("htmx.org", "htmx.min.js", 'version="{}"'),
        ("@picocss/pico", "pico.classless.min.css", "Pico CSS ✨ v{} "),
        ("chart.js", "chart.umd.min.js", "Chart.js v{}"),
    ],
)
def test_a_vendored_file_has_the_version_that_is_pinned(package: str, name: str, mark: str) -> None:
    pinned = json.loads((ROOT / "package.json").read_text())["devDependencies"][package]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"][f"node_modules/{package}"]
    assert locked["version"] == pinned
    assert "resolved" not in locked
    assert mark.format(pinned) in (VENDOR / name).read_text(encoding="utf-8")


def test_the_editor_is_what_the_pinned_packages_make(tmp_path: Path) -> None:
    builder = ROOT / "node_modules" / ".bin" / "esbuild"
    ours = (VENDOR / "codemirror.min.js").read_bytes()
    assert b"cm-editor" in ours
    if builder.exists():
        script = json.loads((ROOT / "package.json").read_text())["scripts"]["editor"].split(" && ")[0]
        made = tmp_path / "made.js"
        command = script.replace("connector/web/static/vendor/codemirror.min.js", str(made))
        subprocess.run(["sh", "-c", command], cwd=ROOT, check=True, timeout=60)
        assert ours == made.read_bytes(), "run `npm run vendor`"


def test_no_icon_of_pico_is_left_that_the_content_policy_would_block() -> None:
    """Pico sets its icons, which are data: addresses, with selectors that weigh less than this one."""
    pico = (VENDOR / "pico.classless.min.css").read_text(encoding="utf-8")
    ours = (VENDOR.parent / "icons.css").read_text(encoding="utf-8")
    (block,) = re.findall(r"^:root:root:not\(\[data-theme\]\) \{(.*?)^\}", ours, re.DOTALL | re.MULTILINE)
    icons = set(re.findall(r"(--pico-icon-[a-z]+):url\(.data:", pico))
    assert icons
    assert icons <= set(re.findall(r"(--pico-icon-[a-z]+):", block))
