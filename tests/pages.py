"""What the tests of the vendors' pages share: reading a page, the tests that it names, the words that it quotes."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
QUOTED = re.compile(r"“([^”]+)”")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def pages(vendor: str) -> list[Path]:
    """Return the pages of one CRM."""
    return sorted((ROOT / "docs" / vendor).glob("*.md"))


def section(text: str, heading: str) -> str:
    """Return what stands between a heading and the next of its level."""
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> list[str]:
    """Return the rows of the tables in a text, without heads and rules."""
    lines = [*text.splitlines(), ""]
    return [line for line, after in pairwise(lines) if line.startswith("| ") and "|---" not in after]


def plain(text: str) -> str:
    """Return a text with single spaces."""
    return " ".join(text.split())


def absent(path: Path) -> list[str]:
    """Return the tests that a page names and that do not exist."""
    found = []
    for file, name in NAMED.findall(path.read_text(encoding="utf-8")):
        source = ROOT / file
        if not source.exists() or (name and not re.search(rf"def {name}\(", source.read_text(encoding="utf-8"))):
            found.append(f"{file}::{name}")
    return found


@cache
def spoken(*more: Path) -> str:
    """Return every text of our code and our templates, and what stands in other files of texts."""
    texts = []
    sources = [path for folder in ("connector", "oauth", "jobs") for path in (ROOT / folder).rglob("*.py")]
    for path in (*sources, *(ROOT / "rules" / "wording").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts += [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "connector" / "web" / "templates").rglob("*.html")]
    texts += [path.read_text(encoding="utf-8") for path in more]
    return plain("\n".join(texts))


def unsaid(table: str, *more: Path) -> list[str]:
    """Return the messages quoted in the first column of a table of troubles that nothing of ours says."""
    quoted = [message for row in rows(table) for message in QUOTED.findall(row.split("|")[1])]
    return [message for message in quoted if plain(message) not in spoken(*more)]
