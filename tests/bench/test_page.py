"""The page of figures is one that its command could have written: sections, commands and tables, not numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from click import Command

from tests.bench.__main__ import bench
from tests.bench.page import HEAD, PAGE
from tests.bench.sections import BENCH, SECTIONS, Section
from tests.local.processes import ROOT

FIGURE = re.compile(r"-|-?[0-9][0-9,.]*( ?(%|s|ms|µs|kB|MB|GB))?")
MODULES = {"tests.soak.listeners": "tests/soak/listeners.py", "tests.scale": "tests/scale/__main__.py"}


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def chapters() -> dict[str, str]:
    """Return the text below each heading."""
    _, *parts = re.split(r"^## ", text(), flags=re.MULTILINE)
    return dict(part.split("\n", 1) for part in parts)


def tables(chapter: str) -> Iterator[list[list[str]]]:
    for block in re.findall(r"(?:^\|.*\|\n?)+", chapter, flags=re.MULTILINE):
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.strip().splitlines()]
        yield [lines[0], *lines[2:]]


def options(section: Section, *, short: bool) -> set[str]:
    return {each for each in (section.short if short else section.long) if each.startswith("--")}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_section_is_there_with_its_command(section: Section) -> None:
    chapter = chapters()[section.title]
    assert any(f"\n    {section.command(short=short)}\n" in chapter for short in (False, True))
    assert section.meaning in chapter


def test_nothing_is_there_that_no_command_wrote() -> None:
    assert text().startswith(HEAD.strip())
    assert list(chapters()) == [section.title for section in SECTIONS]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_row_has_a_figure_below_each_title(section: Section) -> None:
    found = list(tables(chapters()[section.title]))
    assert found
    for titles, *rows in found:
        assert rows
        assert all(len(row) == len(titles) for row in rows)
        assert any(FIGURE.fullmatch(cell) for row in rows for cell in row[1:])


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_command_of_the_page_exists_with_its_options(section: Section, short: bool) -> None:  # noqa: FBT001
    module, *rest = section.short if short else section.long
    if module == BENCH:
        command: Command = bench.commands[rest[0]]
        assert options(section, short=short) <= {name for each in command.params for name in each.opts}
    else:
        source = (ROOT / MODULES[module]).read_text(encoding="utf-8")
        assert all(f'add_argument("{option}"' in source for option in options(section, short=short))


def test_the_machine_is_told_without_its_name() -> None:
    (titles, *rows), *_ = tables(text().split("\n## ", 1)[0])
    assert titles == ["", ""]
    assert [name for name, _ in rows] == ["machine", "system", "commit", "date", "form", "load"]
    assert re.fullmatch(r"[0-9]+ cores, .+, [0-9]+ GB of memory", rows[0][1])
