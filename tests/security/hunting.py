"""Looking for words that must be nowhere, in every spelling in which a program may have written them down."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, quote_plus

import redis


def spellings(word: str) -> Iterator[bytes]:
    """A word as text, in an address, in JSON and HTML, as UTF-16, as hex and in base64 wherever it begins in one."""
    plain = word.encode()
    yield from {each.encode() for each in (word, quote(word), quote_plus(word), html.escape(word))}
    yield json.dumps(word)[1:-1].encode()
    yield repr(word)[1:-1].encode()
    yield from (word.encode("utf-16-le"), word.encode("utf-16-be"))
    yield plain.hex().encode()
    for ahead in range(3):
        # The letters at both ends also hold bits of what stands beside the word.
        first, last = -(-ahead * 8 // 6), (ahead + len(plain)) * 8 // 6
        whole = base64.b64encode(b"\0" * ahead + plain)[first:last]
        yield from (whole, whole.replace(b"+", b"-").replace(b"/", b"_"))


def found(words: Iterable[str], places: Mapping[str, bytes]) -> list[str]:
    """Say which words stand where, whatever their case; words are told by their first letters."""
    wanted = [(word, {spelt.lower() for spelt in spellings(each)}) for word in words for each in (word, word.lower())]
    told = []
    for name, content in places.items():
        text = content.lower()
        told += [f"{word[:8]}... in {name}" for word, spelt in wanted if any(each in text for each in spelt)]
    return sorted(set(told))


def files(*directories: Path) -> dict[str, bytes]:
    """Every file below these directories, by name."""
    every = (each for directory in directories for each in sorted(directory.rglob("*")))
    return {str(each): each.read_bytes() for each in every if each.is_file()}


def kept_in(connection: redis.Redis) -> dict[str, bytes]:
    """Every key of a Redis with all that it holds; what RQ packs is unpacked."""
    here = cast("Any", connection)
    answers: dict[bytes, Callable[[bytes], Any]] = {
        b"string": here.get,
        b"hash": here.hgetall,
        b"list": lambda key: here.lrange(key, 0, -1),
        b"set": here.smembers,
        b"zset": lambda key: here.zrange(key, 0, -1, withscores=True),
        b"stream": here.xrange,
    }
    return {f"redis {key!r}": raw([key, answers[here.type(key)](key)]) for key in here.scan_iter()}


def raw(value: Any) -> bytes:
    """All bytes within a value of Redis, one after the other."""
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list | tuple | set):
        return b"\n".join(raw(each) for each in value)
    plain = value if isinstance(value, bytes) else str(value).encode()
    return plain + b"\n" + unpacked(plain)


def unpacked(value: bytes) -> bytes:
    """What RQ has packed, a job as bytes and how it ended in base64; nothing of what is not packed."""
    with contextlib.suppress(zlib.error):
        return zlib.decompress(value)
    with contextlib.suppress(ValueError, zlib.error):
        return zlib.decompress(base64.b64decode(value, validate=True))
    return b""
