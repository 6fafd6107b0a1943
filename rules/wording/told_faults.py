"""What a fault says, in the language that is spoken now: faults are made in English, at some 400 places in rules/.

A sentence is recognised by its template, and what stood in its places is put into the translation as it is: words of
rules, and names. Places that hold English of ours are told too. What is not recognised stays English, whole.
The templates are those of the catalogue ``faults.po`` of a language, collected by ``make catalogues``.
How a template is found: :mod:`rules.wording.recognising`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from rules.faults import LONGEST_TOLD, Fault
from rules.wording import catalogue
from rules.wording.recognising import FAULTS, known, recognised

__all__ = ["fault_told", "listing_told", "sentence_told"]

MOST_LINES = 100
"""So many faults of a text that is kept are told; more than that nobody reads before the first are mended."""
_PLACED = re.compile(r"(?P<where>.{0,300}?, line \d{1,7}, column \d{1,7}|line \d{1,7}): ")
_STOP = re.compile(r"(?<=[.?!]) (?=\S)")
_MOST_STOPS = 8


def fault_told(fault: Fault) -> Fault:
    """Return a fault with message and remedy in the language spoken now."""
    if catalogue.spoken() == catalogue.ENGLISH:
        return fault
    return replace(fault, message=sentence_told(fault.message), remedy=sentence_told(fault.remedy))


def listing_told(text: str) -> str:
    """Return faults that are kept as text, one in a line as ``str`` writes them, in the language spoken now."""
    if catalogue.spoken() == catalogue.ENGLISH:
        return text
    told, *more = text.split("\n", MOST_LINES)
    lines = [told, *more[: MOST_LINES - 1]]
    return "\n".join([*map(_line_told, lines), *more[MOST_LINES - 1 :]])


def _line_told(line: str) -> str:
    """Return one fault with its place; message and remedy are parted at the first stop that leaves two sentences."""
    found = _PLACED.match(line)
    if found is None or len(line) - found.end() > 2 * LONGEST_TOLD + 1:
        return line
    sentences, said = known(catalogue.spoken(), FAULTS), line[found.end() :]
    where = recognised(found["where"], sentences, 0) or found["where"]
    for stop in islice(_STOP.finditer(said), _MOST_STOPS):
        message = recognised(said[: stop.start()], sentences)
        if remedy := message and recognised(said[stop.end() :], sentences):
            return f"{where}: {message} {remedy}"
    told = recognised(said, sentences)
    return f"{where}: {told}" if told else line


def sentence_told(text: str) -> str:
    """Return a message or remedy in the language spoken now; `text` itself when it is none that we know."""
    language = catalogue.spoken()
    if language == catalogue.ENGLISH or len(text) > LONGEST_TOLD:
        return text
    return recognised(text, known(language, FAULTS)) or text
