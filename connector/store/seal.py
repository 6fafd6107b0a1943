"""Sealing: what the database holds of a customer cannot be read without that install's own key.

Each install has a random 32-byte key. The master keys (ENCRYPTION_KEYS, newest first) only wrap these, so rotating a
master key rewraps one small value per install, and destroying the wrapped key destroys everything it sealed.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32
LONE = "surrogatepass"
"""JSON may carry half a character (a lone surrogate): it is kept as it is, one bad field must not stop the line."""


class Unreadable(Exception):  # noqa: N818 - it is what the value is
    """The value was sealed by another key, or changed since."""


class KeyRing:
    """The master keys, newest first; the newest wraps, all unwrap."""

    def __init__(self, keys: str) -> None:
        self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])

    def new_key(self) -> bytes:
        """Make an install's key and return it wrapped."""
        return self._fernet.encrypt(os.urandom(KEY_BYTES))

    def rewrap(self, wrapped: bytes) -> bytes:
        """Wrap an install's key by the newest master key. Raises Unreadable."""
        try:
            return self._fernet.rotate(wrapped)
        except InvalidToken as error:
            raise Unreadable("no master key opens this install's key; is an old one missing?") from error

    def seal(self, wrapped: bytes) -> Seal:
        """Unwrap an install's key. Raises Unreadable."""
        try:
            return Seal(self._fernet.decrypt(wrapped))
        except InvalidToken as error:
            raise Unreadable("no master key opens this install's key; is an old one missing?") from error


class Seal:
    """One install's key at work: sealing values and hashing blocking keys."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(_derive(key, b"switchyard seal"))
        self._hash_key = _derive(key, b"switchyard index")
        self._blank = blake2b(digest_size=8, key=self._hash_key)

    def close(self, value: Any, *, about: str) -> bytes:
        """Seal a JSON value. `about` names what it is; it must be the same on opening."""
        plain = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(errors=LONE)
        return self.close_bytes(plain, about=about)

    def open(self, sealed: bytes, *, about: str) -> Any:
        """Open a sealed JSON value. Raises Unreadable."""
        return json.loads(self.open_bytes(sealed, about=about))

    def close_bytes(self, plain: bytes, *, about: str) -> bytes:
        """Seal bytes (AES-256-GCM, random nonce in front)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, about.encode())

    def open_bytes(self, sealed: bytes, *, about: str) -> bytes:
        """Open sealed bytes. Raises Unreadable."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
            raise Unreadable(f"{about.split(':', 1)[0]}: sealed by another key, or damaged") from error

    def hash(self, key: str) -> int:
        """Return a blocking key as a keyed, signed 64-bit hash; without the install's key it says nothing."""
        return self.hashes((key,))[0]

    def hashes(self, keys: Sequence[str]) -> tuple[int, ...]:
        """Return :meth:`hash` of each key."""
        # A copy of a keyed state costs half of a new one, and this runs a hundred times per lead.
        copy, digests = self._blank.copy, []
        for key in keys:
            state = copy()
            state.update(key.encode("utf-8", LONE))
            digests.append(state.digest())
        return struct.unpack(f">{len(digests)}q", b"".join(digests))


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)
