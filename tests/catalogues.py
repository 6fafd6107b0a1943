"""``make catalogues``: bring the translations up to date: of rules' sentences and faults, answers, and the console.

Of all but the console's, which are known by an id, new sentences come in empty, sentences whose English changed are
marked fuzzy (said in English until somebody has looked at them), and those that are gone go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from rules.wording import catalogue, speech
from rules.wording.recognising import ANSWERS, FAULTS
from tests import answer_texts, console_texts, fault_texts

LOCALE = Path(catalogue.__file__).parent / "locale"
SENTENCES = "switchyard"
ENGLISH: Mapping[str, Callable[[], Mapping[str, str]]] = MappingProxyType({
    SENTENCES: speech.every, FAULTS: fault_texts.collected,
    ANSWERS: answer_texts.collected,
})  # fmt: skip
"""Catalogue -> what gives its English templates by id."""


def path_of(language: str, name: str = SENTENCES) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{name}.po"


def read(language: str, name: str = SENTENCES) -> Catalog:
    path = path_of(language, name)
    return read_po(BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)


def updated(language: str, name: str = SENTENCES) -> bytes:
    """Return a language's catalogue as it should be: the same bytes every time."""
    old = {(each.context, each.id): each for each in read(language, name) if each.id}
    by_id = {each.context: each for each in old.values()}
    made = Catalog(locale=language, project="Switchyard", fuzzy=False)
    for sentence, english in sorted(ENGLISH[name]().items()):
        same, other = old.get((sentence, english)), by_id.get(sentence)
        kept = same or other
        flags = set() if same and not same.fuzzy else {"fuzzy"} if kept and kept.string else set()
        made.add(english, str(kept.string) if kept else "", context=sentence, flags=flags)
    out = BytesIO()
    write_po(out, made, width=110, omit_header=True, sort_output=False, include_previous=False)
    head = 'msgid ""\nmsgstr ""\n"Language: %s\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n' % language  # noqa: UP031
    return head.encode() + out.getvalue()


def main() -> None:
    texts = console_texts.template()
    for language in catalogue.LANGUAGES:
        if language == catalogue.ENGLISH:
            continue
        of_console = console_texts.path_of(language)
        for path in (path_of(language), of_console):
            path.parent.mkdir(parents=True, exist_ok=True)
        for name in ENGLISH:
            path_of(language, name).write_bytes(updated(language, name))
        of_console.write_bytes(console_texts.updated(language, texts))
        of_rules = [(path_of(language, name), read(language, name)) for name in ENGLISH]
        for path, found in (*of_rules, (of_console, console_texts.read(language))):
            print(f"{language}: {told(found)} ({path.relative_to(console_texts.ROOT)})")


def told(found: Catalog) -> str:
    """Say how far a catalogue is translated."""
    messages = [each for each in found if each.id]
    missing = sum(each.fuzzy or not all(console_texts.forms(each)) for each in messages)
    return f"{len(messages)} sentences, {missing} to be translated"


if __name__ == "__main__":
    main()
