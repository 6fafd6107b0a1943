"""What we say of what a CRM answers, in the language that is spoken now: made in English, where the answer is read.

A reason is kept as one text: perhaps which action it is of, our sentence, and the CRM's codes. The sentence is
recognised by its template (catalogue ``answers.po``); which action, codes and the CRM's own words stay as they are.
"""

from __future__ import annotations

import re

from rules.wording import catalogue
from rules.wording.recognising import ANSWERS, Known, known, recognised

__all__ = ["answer_told"]

LONGEST = 1000
"""Characters: what is longer is not ours alone."""
_CODES = re.compile(r"(?: \[[^\[\]]{1,200}\])?(?: \([\w., -]{1,80}\))?\Z")
_BEFORE = re.compile(r"(?:[a-z][\w. -]{0,39}|[A-Z][A-Za-z]{0,39}): ")
"""An action of a decision, or a kind of fault."""
_STOP = re.compile(r"(?<=[.?!]) (?=\S)")
_MOST_STOPS = 4


def answer_told(text: str) -> str:
    """Return a reason or a line of a check in the language spoken now; `text` itself when it is none that we know."""
    language = catalogue.spoken()
    if language == catalogue.ENGLISH or not text or len(text) > LONGEST:
        return text
    sentences = known(language, ANSWERS)
    before = _BEFORE.match(text)
    rest = text[before.end() :] if before else ""
    told = _plain(rest, sentences)  # or else a template that begins with a place would take in what stands before
    if not told and (whole := _told(text, sentences)):
        return whole
    told = told or (_told(rest, sentences) if rest else "")
    return f"{before[0]}{told}" if before and told else text


def _told(text: str, sentences: Known) -> str:
    """Return sentences that are all known, or one with its codes; "" for others."""
    pieces = _STOP.split(text, _MOST_STOPS)
    several = [_one(each, sentences) for each in pieces]
    if len(pieces) > 1 and all(several):
        return " ".join(several)
    return _one(text, sentences)


def _one(text: str, sentences: Known) -> str:
    """Return one sentence with its stop; the catalogue has it without, and without the CRM's codes."""
    plain, codes, stop = _parted(text)
    if told := _plain(text, sentences):
        return told
    if told := recognised(f"{plain}{codes}", sentences):
        return f"{told}{stop}"
    told = recognised(plain, sentences) if codes else ""
    return f"{told}{codes}{stop}" if told else ""


def _plain(text: str, sentences: Known) -> str:
    """Return a sentence that has no places, with its codes and stop; "" for others."""
    plain, codes, stop = _parted(text)
    exact, _ = sentences
    if told := exact.get(f"{plain}{codes}"):
        return f"{told}{stop}"
    return f"{exact[plain]}{codes}{stop}" if plain in exact else ""


def _parted(text: str) -> tuple[str, str, str]:
    """Return a sentence, the CRM's codes behind it, and its stop."""
    whole = text.removesuffix(".")
    codes = _CODES.search(whole)
    at = codes.start() if codes else len(whole)
    return whole[:at], whole[at:], text[len(whole) :]
