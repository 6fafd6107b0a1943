"""``make catalogues``: bring the translations up to date with the English: of the rules' sentences, and of the console.

Of the rules', which are known by an id, new sentences come in empty, sentences whose English changed are marked fuzzy
(said in English until somebody has looked at them), and those that are gone go.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from rules import catalogue, speech
from tests import console_texts

LOCALE = Path(catalogue.__file__).parent / "locale"


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "switchyard.po"


def template() -> Catalog:
    """Return every English sentence, by id."""
    made = Catalog(project="Switchyard", fuzzy=False)
    for sentence, english in sorted(speech.every().items()):
        made.add(english, context=sentence)
    return made


def read(language: str) -> Catalog:
    path = path_of(language)
    return read_po(BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)


def updated(language: str) -> bytes:
    """Return a language's catalogue as it should be: the same bytes every time."""
    old = {(each.context, each.id): each for each in read(language) if each.id}
    by_id = {each.context: each for each in old.values()}
    made = Catalog(locale=language, project="Switchyard", fuzzy=False)
    for sentence, english in sorted(speech.every().items()):
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
        of_rules, of_console = path_of(language), console_texts.path_of(language)
        for path in (of_rules, of_console):
            path.parent.mkdir(parents=True, exist_ok=True)
        of_rules.write_bytes(updated(language))
        of_console.write_bytes(console_texts.updated(language, texts))
        for path, found in ((of_rules, read(language)), (of_console, console_texts.read(language))):
            print(f"{language}: {told(found)} ({path.relative_to(console_texts.ROOT)})")


def told(found: Catalog) -> str:
    """Say how far a catalogue is translated."""
    messages = [each for each in found if each.id]
    missing = sum(each.fuzzy or not all(console_texts.forms(each)) for each in messages)
    return f"{len(messages)} sentences, {missing} to be translated"


if __name__ == "__main__":
    main()
