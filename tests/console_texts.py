"""The texts of the console, collected from its templates and its Python, and the catalogues that translate them.

A text is known by its English. One that is new comes into a catalogue empty, one that is gone goes; what is translated
stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

import oauth
from connector import desk, web

WEB = Path(web.__file__).parent
ROOT = WEB.parents[1]
LOCALE = WEB / "locale"
FOLDERS = (WEB, Path(desk.__file__).parent, Path(oauth.__file__).parent)
"""Where the console's texts stand."""
RAISED = ("DeskError", "NotThere", "Unusable", "Overtaken")
"""What a desk raises: its first argument is a sentence that pages translate."""
APART = "sentence"
"""What marks one that stands apart from where it is raised."""
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "_l": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    **dict.fromkeys((*RAISED, APART)),
}


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "console.po"


def template() -> Catalog:
    """Return every English text with the files in which it stands, in the order of those."""
    made = Catalog(project="Switchyard", fuzzy=False)
    for path in sorted(_files()):
        for _line, message, comments, context in _texts(path):
            made.add(message, locations=[(str(path.relative_to(ROOT)), 1)], user_comments=comments, context=context)
    return made


def read(language: str) -> Catalog:
    path = path_of(language)
    return read_po(BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)


def updated(language: str, english: Catalog) -> bytes:
    """Return a language's catalogue as it should be: the same bytes every time."""
    old = read(language)
    made = Catalog(locale=language, project="Switchyard", fuzzy=False)
    for each in english:
        if each.id:
            known = old.get(each.id, each.context)
            told = known.string if known else None
            flags = {"fuzzy"} if known and known.fuzzy else set()
            made.add(each.id, told, each.locations, flags, user_comments=each.user_comments, context=each.context)
    out = BytesIO()
    write_po(out, made, width=110, omit_header=True, include_lineno=False)
    head = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {made.plural_forms}\\n"\n\n'
    )
    return head.encode() + out.getvalue()


def forms(message: Message) -> list[str]:
    """Return what a message is translated to: one text, or one for each plural form of the language."""
    told = message.string
    return [str(each or "") for each in told] if isinstance(told, (list, tuple)) else [str(told or "")]


def _files() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from folder.rglob("*.py")
        yield from (folder / "templates").rglob("*.html")


def _texts(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    is_template = path.suffix == ".html"
    options = {"trimmed": "true", "silent": "false"} if is_template else {}
    method: Any = babel_extract if is_template else "python"
    with path.open("rb") as file:
        yield from extract(method, file, KEYWORDS, ("Translators:",), options)
