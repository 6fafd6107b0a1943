"""``make catalogues``: bring the translations up to date with the English sentences.

New sentences come in empty, sentences whose English changed are marked fuzzy (said in English until somebody has looked
at them), and those that are gone go.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from rules import catalogue, speech

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
    for language in catalogue.LANGUAGES:
        if language == catalogue.ENGLISH:
            continue
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(updated(language))
        found = [each for each in read(language) if each.id]
        missing = sum(not each.string or each.fuzzy for each in found)
        print(f"{language}: {len(found)} sentences, {missing} to be translated ({path.relative_to(LOCALE.parents[1])})")


if __name__ == "__main__":
    main()
