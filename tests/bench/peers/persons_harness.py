"""How a peer finds people twice: it reads records, writes pairs with scores, and prints what that cost.

Peers see the same records as the product, in plain columns: no accents, lower case, phones as their last digits, hosts
without a free provider's. That much any user of them would write first.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.peers import fields

CORES = 1
Row = dict[str, Any]
Find = Callable[[list[Row], list[Row]], tuple[list[tuple[str, str, float]], float]]
"""Takes records and labelled ones; returns pairs of ids with scores, and the seconds of CPU that training took."""


def run(find: Find) -> None:
    """Read, find, write, and print the cost as a JSON object."""
    parser = argparse.ArgumentParser()
    for name in ("records", "labelled", "answers"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows, labelled = (_read(path) for path in (given.records, given.labelled))
    started, cpu = time.perf_counter(), time.process_time()
    pairs, trained = find(rows, labelled)
    spent, burnt = time.perf_counter() - started, time.process_time() - cpu
    with given.answers.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(pair) + "\n" for pair in pairs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {"seconds": round(spent, 2), "cpu": round(burnt, 2), "training_cpu": round(trained, 2), "peak_mb": peak}
    sys.stdout.write(json.dumps(told) + "\n")


def plain(row: Row) -> dict[str, str | None]:
    """Return the plain columns of a record; None where it says nothing."""
    first, last = " ".join(fields.words(row.get("first_name"))), " ".join(fields.words(row.get("last_name")))
    if not first and not last:
        before, comma, after = row.get("name", "").partition(",")
        words = fields.words(f"{after} {before}" if comma else before)
        first, last = " ".join(words[:-1]), " ".join(words[-1:])
    email = (row.get("email") or "").casefold()
    local, _, host = email.partition("@")
    local = local.partition("+")[0]
    site = fields.host({"website": row.get("website"), "email": email})
    account = row.get("account_id")
    found = {
        "first": first, "last": last, "email": f"{local}@{host}" if host else "", "local": local,
        "domain": fields.registered(site) or "", "phone": _digits(row.get("phone")),
        "mobile": _digits(row.get("mobile")),
        "linkedin": (row.get("linkedin") or "").rstrip("/").rpartition("/")[2].casefold(),
        "company": " ".join(fields.core(row.get("company"))) or (account or ""),
        "title": " ".join(fields.words(row.get("title"))), "city": " ".join(fields.words(row.get("city"))),
        "country": " ".join(fields.words(row.get("country"))),
    }  # fmt: skip
    return {name: value or None for name, value in found.items()}


def _digits(text: str | None) -> str:
    digits = "".join(filter(str.isdigit, text or ""))
    return digits[-fields.PHONE_DIGITS :] if len(digits) >= fields.PHONE_DIGITS - 2 else ""


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
