r"""Regular expressions in rules: RE2's, searched in linear time whatever they are, without regard to case.

In double or single quotes a pattern is read as it stands: ``"\.com$"`` needs no second backslash. Only a quote of the
kind around it is written ``\"``, which means the same to RE2. Slashes may stand around it, as elsewhere: ``/gmbh$/i``.
Syntax: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re
from typing import Any

import re2

from rules.faults import UNSTORABLE, RuleFault

LONGEST_PATTERN = 500
"""The longest pattern, in characters; nobody reads a longer one."""

_MEMORY = 1 << 20
"""Bytes that RE2 may use for one pattern: it bounds the size of what is compiled, and so the time of a search."""

_SLASHED = re.compile(r"/(?P<inner>.+)/(?P<flags>[a-z]{0,6})", re.DOTALL)
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_REMEDY = "It is RE2's syntax: no look-around and no back-references; write | for alternatives."


def read(text: str) -> str:
    """Return a pattern as it stands in a rule, without its quotes. Raises RuleFault with the column of what is bad."""
    slashed = _SLASHED.fullmatch(text)
    if slashed and (wrong := slashed["flags"].strip("igu")):  # those change nothing here
        remedy = "Write the pattern without it, or the flag within: (?s)."
        raise RuleFault(f"“{wrong}” after the pattern is not known.", column=slashed.start("flags") + 1, remedy=remedy)
    quoted = slashed is not None or (len(text) > 1 and text[0] in {'"', "'"} and text[-1] == text[0])
    inner = slashed["inner"] if slashed else text[1:-1] if quoted else text
    if not quoted and text[:1] in {'"', "'"}:
        raise RuleFault("A quote is not closed.", remedy="A # in the text needs single quotes around the whole line.")
    if quoted and text[0] == '"' and '"' in _QUOTE.findall(inner):
        raise RuleFault("A quote stands inside the pattern.", column=2, remedy='Write \\" for a quote.')
    if UNSTORABLE.search(inner):
        raise RuleFault("There is no such character.", remedy="Write the character itself.")
    try:
        compiled(inner)
    except RuleFault as fault:
        raise RuleFault(fault.message, column=fault.column + quoted, remedy=fault.remedy) from None
    return _QUOTE.sub(lambda found: found[0] if len(found[0]) > 1 else '\\"', inner)


def compiled(pattern: str) -> Any:
    """Return the compiled pattern; its ``search`` takes bytes in UTF-8. Raises RuleFault."""
    if len(pattern) > LONGEST_PATTERN:
        raise RuleFault(f"The pattern is longer than {LONGEST_PATTERN} characters.", remedy="Make two of it.")
    if not pattern:
        raise RuleFault("The pattern is empty.", remedy="Write what is looked for.")
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = False, False, _MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        told = error.args[0] if error.args else b""
        what = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
        at = max(pattern.find(what.rpartition(": ")[2]), 0)
        raise RuleFault(f"The pattern cannot be read: {what}.", column=at + 1, remedy=_REMEDY) from None
