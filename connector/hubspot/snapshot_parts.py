"""Snapshots as texts that fit into records: packed, cut into parts, each with a key of its own beside its decision's.

A part stands where audits stand, and is kept, moved and forgotten with them. It is no audit: it has no outcome, and no
lead is linked to it as its own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.hubspot.fields import iso
from connector.hubspot.properties import DECISION_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

PART_SIZE = 40_000
"""Characters of a part. A text property holds 65,536, and a note packs what it holds once more."""
LARGEST = 64_000_000
"""Bytes of a snapshot when it is unpacked: what claims to be more is none of ours."""
MOST_VALUES = 1_000_000
"""Commas and brackets of a snapshot. Twenty records of two thousand properties have a twentieth of them. Each may
become a value of a hundred bytes: a text of 80 kB, packed, could take more memory than a worker has."""
_MARK = "/snapshot/"
_HEAD = re.compile(r"(\d{1,6})/(\d{1,6}):")


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` (from 1) of the snapshot of a decision. `about` is the survivor: its object and its id."""

    decision: str
    number: int
    text: str
    about: tuple[str, str]
    at: datetime

    @property
    def key(self) -> str:
        """Return what names the part among all audits."""
        return part_key(self.decision, self.number)

    @property
    def properties(self) -> dict[str, str]:
        """Return what the part says as a record of the audit object."""
        numbers = _HEAD.match(self.text)
        which = f", part {numbers[1]} of {numbers[2]}" if numbers else ""
        return {
            "title": f"Snapshot before a merge{which}",
            DECISION_KEY: self.key,
            "lead_id": self.about[1],
            "decided_at": iso(self.at),
            "detail": self.text,
        }


def part_key(decision: str, number: int) -> str:
    """Return the key of a part."""
    return f"{decision}{_MARK}{number}"


def is_part(key: str) -> bool:
    """Tell whether a key names a part of a snapshot and no audit."""
    return _MARK in key


def decision_of(key: str) -> str:
    """Return the key of the decision whose snapshot a part belongs to."""
    return key.partition(_MARK)[0]


def word_of(decision: str) -> str:
    """Return one word that stands for a decision in a note, by which search finds its snapshot."""
    return f"snapshot{hashlib.sha256(decision.encode()).hexdigest()[:20]}"


def pack(told: Mapping[str, Any], *, size: int = PART_SIZE) -> list[str]:
    """Return a snapshot as the texts of its parts: JSON, compressed, in letters and digits that no markup breaks."""
    whole = base64.urlsafe_b64encode(zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 9)).decode()
    cut = [whole[start : start + size] for start in range(0, len(whole), size)]
    return [f"{number}/{len(cut)}:{piece}" for number, piece in enumerate(cut, 1)]


def unpack(texts: Iterable[str]) -> dict[str, Any] | None:
    """Return the snapshot that these parts are, in any order; None when one is missing or cannot be read."""
    heads = [(found, text) for text in texts if (found := _HEAD.match(text))]
    pieces = {int(found[1]): text[found.end() :] for found, text in heads}
    wanted = next((int(found[2]) for found, _ in heads if int(found[1]) == 1), 0)
    if not wanted or not set(range(1, wanted + 1)) <= pieces.keys():
        return None
    try:
        packed = base64.urlsafe_b64decode("".join(pieces[number] for number in range(1, wanted + 1)))
        plain = zlib.decompressobj().decompress(packed, LARGEST)
        told = json.loads(plain) if sum(map(plain.count, (b",", b"[", b"{"))) <= MOST_VALUES else None
    except (ValueError, RecursionError, binascii.Error, zlib.error):
        return None
    return told if isinstance(told, dict) else None


def more(texts: Sequence[str]) -> int:
    """Return of how many parts the snapshot consists, by its first part; 0 when that is not there."""
    return next((int(found[2]) for text in texts if (found := _HEAD.match(text)) and found[1] == "1"), 0)
