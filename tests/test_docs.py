"""What the pages name is there: headings, files, commands with their options, make targets, pages of the console."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from connector.cli import main
from tests.pages import ROOT, plain

PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)#([^)]+)\)")
FILE = re.compile(r"`((?:connector|jobs|manifests|oauth|rules|tests)/[\w/.-]+)`")
COMMAND = re.compile(r"`(switchyard [^`]+)`|^ *(switchyard .+)$", re.MULTILINE)
TARGET = re.compile(r"(?:`|^ {4})make ([a-z-]+)", re.MULTILINE)
PLACE = re.compile(r"page “([^”]+)”")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def headings(page: Path) -> set[str]:
    """The places of a page that a link may name, as they are made of its headings."""
    told = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in told}


def unknown(line: str) -> list[str]:
    """Return what a line calls a command or an option of `switchyard` and is none."""
    command: click.Command = main
    words = line.partition("#")[0].split()[1:]
    while words and isinstance(command, click.Group):
        if (found := command.get_command(click.Context(command), words[0])) is None:
            break
        command, words = found, words[1:]
    if isinstance(command, click.Group) and not command.invoke_without_command and words and words[0] != "...":
        return [words[0]]
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return [each for each in re.findall(r"(?<!\S)--?[a-z][a-z-]*", line) if each not in options]


@every_page
def test_every_heading_that_a_page_links_to_exists(page: Path) -> None:
    for target, place in LINK.findall(text_of(page)):
        assert place in headings(page.parent / target if target else page), f"{target}#{place}"


@every_page
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    assert [each for each in FILE.findall(text_of(page)) if not (ROOT / each).exists()] == []


@every_page
def test_every_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    named = {plain(inline or line) for inline, line in COMMAND.findall(text_of(page))}
    assert {line: found for line in named if (found := unknown(line))} == {}


def test_a_command_or_option_that_is_none_is_noticed() -> None:
    assert unknown("switchyard rules pull -o rules.yaml  # what is live; --draft") == []
    assert unknown("switchyard rules fetch") == ["fetch"]
    assert unknown("switchyard undo --run 7 --dry-runs") == ["--dry-runs"]
    assert unknown("switchyard simulate --rules draft.yaml --days 30") == []


@every_page
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    there = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    assert set(TARGET.findall(text_of(page))) <= there


@every_page
def test_every_page_of_the_console_that_a_page_names_is_called_so(page: Path) -> None:
    templates = (
        path.read_text(encoding="utf-8") for path in (ROOT / "connector" / "web" / "templates").rglob("*.html")
    )
    shown = "\n".join([*templates, text_of(ROOT / "connector" / "web" / "nav.py")])
    assert [each for each in PLACE.findall(plain(text_of(page))) if f'"{each}' not in shown] == []
