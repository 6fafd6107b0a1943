"""An audit as the body of a note: the story for people, and one line at its end that we read back. Pure.

HubSpot keeps the body as HTML and may mark it up in its own way, so that line is a single word of letters, digits,
``-`` and ``_``: every value of the audit as JSON, compressed. No markup can break it, and nothing in it is any.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import zlib
from typing import TYPE_CHECKING, Any

from connector.hubspot.properties import TEXT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTE = "0-46"
BODY, TIME = "hs_note_body", "hs_timestamp"
RECORD = "Switchyard record: "
_RECORD = re.compile(rf"{RECORD}([A-Za-z0-9_-]+={{0,2}})")
_LARGEST = 1_000_000
"""Bytes of an audit when it is unpacked: what claims to be more is none of ours."""
_STORY = 20_000
"""Characters of the story at most, so that there is room for the record."""
_SHORTENED = ("detail", "story")
"""What is left out of the record when it does not fit otherwise, in this order; the story still stands above it."""


def note_body(values: Mapping[str, str]) -> str:
    """Write an audit's values (our names -> text) as the body of a note."""
    title, story = values.get("title", ""), values.get("story", "")[:_STORY]
    shown = f"<p><strong>{_escaped(title)}</strong></p>\n<p>{_escaped(story)}</p>\n"
    kept = dict(values)
    line = _line(kept)
    for name in _SHORTENED:
        if len(shown) + len(line) <= TEXT_LIMIT:
            break
        kept.pop(name, None)
        line = _line(kept)
    return shown[: TEXT_LIMIT - len(line)] + line


def read_note(body: Any) -> dict[str, str]:
    """Return the values of an audit from the body of its note; empty for any other note."""
    found = _RECORD.findall(re.sub(r"<[^>]*>", "", str(body or "")))
    return _unpacked(found[-1]) if found else {}


def marked(body: str, changed: Mapping[str, str]) -> str:
    """Return the body with these values of its record changed; what people read above it stays."""
    kept = read_note(body) | dict(changed)
    above, found, _ = body.rpartition(RECORD)
    if not found:
        return note_body(kept)
    return f"{above[: TEXT_LIMIT - len(_line(kept))]}{_line(kept).removeprefix(_OPENED)}"


_OPENED = "<p>"


def _line(values: Mapping[str, str]) -> str:
    packed = zlib.compress(json.dumps(dict(values), separators=(",", ":")).encode(), 9)
    return f"{_OPENED}{RECORD}{base64.urlsafe_b64encode(packed).decode()}</p>"


def _unpacked(word: str) -> dict[str, str]:
    try:
        plain = zlib.decompressobj().decompress(base64.urlsafe_b64decode(word), _LARGEST)
        found = json.loads(plain)
    except (ValueError, RecursionError, binascii.Error, zlib.error):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _escaped(text: str) -> str:
    return html.escape(text.strip(), quote=False).replace("\r\n", "\n").replace("\n", "<br>\n")
