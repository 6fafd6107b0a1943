"""How people get a company's name wrong: slips of the finger, and legal forms left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import legal_forms

if TYPE_CHECKING:
    from random import Random

# Neighbours on a QWERTY keyboard, for the slips that are not a swap or a missing letter.
NEIGHBOURS = {
    "a": "qsz", "b": "vgn", "c": "xdv", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kop", "m": "nk", "n": "bmh", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "yij", "v": "cbf", "w": "qes", "x": "zcs", "y": "tuh", "z": "xas",
}  # fmt: skip
# Forms that real names have and invented ones do not.
OTHER_FORMS = ("Corporation", "Holdings", "Holding", "Group", "SE", "KGaA", "p.l.c.", "A/S", "& Co. KGaA", "株式会社")


def without_legal_form(name: str) -> str:
    """Return a name without the legal form at its end; a name that is nothing else stays."""
    for form in (*legal_forms(), *OTHER_FORMS):
        core = name.removesuffix(form)
        if core != name and (core[-1:].isspace() or not form.isascii()):
            return core.rstrip(" ,") or name
    return name


def mistype(name: str, random: Random) -> str:
    """Return the name with one slip that is visible also when case is folded; never the name itself."""
    places = [i for i in range(1, len(name)) if name[i].isalpha() and name[i - 1].isalpha()]
    for _ in range(8):
        if not places:
            break
        place = places[int(random.random() * len(places))]
        wrong = _slip(name, place, int(random.random() * 4), random)
        if wrong.casefold() != name.casefold():
            return wrong
    return f"{name}{name[-1]}"


def _slip(name: str, place: int, kind: int, random: Random) -> str:
    before, letter, after = name[:place], name[place], name[place + 1 :]
    if kind == 0:
        return f"{before[:-1]}{letter}{before[-1]}{after}"
    if kind == 1:
        return before + after
    if kind == 2:
        return f"{before}{letter}{letter}{after}"
    options = NEIGHBOURS.get(letter.lower(), letter)
    return before + options[int(random.random() * len(options))] + after
