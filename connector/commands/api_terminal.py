"""What all commands that speak to the JSON API share: where it is, the key, tables, bars, and how a command ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from connector.commands.api_client import Client, Refusal
from connector.commands.terminal import grid, out, plain

KEY, KEY_FILE, URL = "SWITCHYARD_API_KEY", "SWITCHYARD_API_KEY_FILE", "SWITCHYARD_URL"
NO_URL = f"Say where Switchyard is: --url https://route.example.com, or {URL}."
NO_KEY = f"No key: put it in {KEY}, or its file in {KEY_FILE} or --key-file. Keys are made in the console."
FAILED, USAGE, NOT_ALLOWED, NOT_THERE, CONFLICT, UNUSABLE, AWAY = 1, 2, 3, 4, 5, 6, 7
"""How a command ends: anything else, wrong use of the command, no right, nothing there, overtaken, not usable, away."""
_EXITS = {
    401: NOT_ALLOWED, 403: NOT_ALLOWED, 404: NOT_THERE, 409: CONFLICT, 412: CONFLICT, 400: UNUSABLE, 413: UNUSABLE,
    415: UNUSABLE, 422: UNUSABLE, 0: AWAY, 429: AWAY, 502: AWAY, 503: AWAY, 504: AWAY,
}  # fmt: skip
POLL_SECONDS = 1.0
"""How often work that takes long is looked at; it moves on about once a second."""
OVER = frozenset({"done", "failed", "cancelled"})

P = ParamSpec("P")
Columns = Mapping[str, str | Callable[[Any], Any]]
"""The columns of a table: each heading with the name of its value (dots go deeper), or what makes it of a row."""


class Place:
    """Where the API is, and how to get in; opened by the first command that needs it."""

    def __init__(self, url: str, key_file: Path | None) -> None:
        self.url, self.key_file = url, key_file

    def client(self) -> Client:
        """Return a client. Raises ClickException when the address or the key is not known."""
        if not self.url:
            raise click.ClickException(NO_URL)
        named = self.key_file or (Path(os.environ[KEY_FILE]) if os.environ.get(KEY_FILE) else None)
        try:
            key = named.read_text(encoding="utf-8").strip() if named else os.environ.get(KEY, "").strip()
        except (OSError, UnicodeDecodeError):
            raise click.ClickException(f"{named} cannot be read.") from None
        if not key:
            raise click.ClickException(NO_KEY)
        if not (key.isascii() and key.isprintable()):
            raise click.ClickException("The key has characters that no key has.")
        return Client(self.url, key)


def command(group: click.Group, name: str | None = None) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command of `group`: it gets a client, and returns what ``--json`` writes.

    Its first line that is not JSON is up to the function, which asks :func:`wants_json`.
    """

    def made(view: Callable[..., Any]) -> click.Command:
        @click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
        @click.pass_context
        @wraps(view)
        def run(context: click.Context, /, *, as_json: bool, **given: Any) -> None:
            context.meta[__name__] = as_json
            place = context.find_object(Place)
            if place is None:  # pragma: no cover - the group above all commands makes it
                raise click.UsageError(NO_URL)
            with refusals(as_json=as_json):
                found = view(place.client(), **given)
            if as_json:
                click.echo(json.dumps(found, ensure_ascii=False, indent=2))

        return group.command(name)(run)

    return made


def wants_json() -> bool:
    """Whether the command that runs writes JSON, so that nothing else goes to standard output."""
    return bool(click.get_current_context().meta.get(__name__))


@contextmanager
def refusals(*, as_json: bool) -> Iterator[None]:
    """Tell what the API refused on standard error, and end with the code for it."""
    try:
        yield
    except Refusal as refusal:
        if as_json and refusal.problem:
            click.echo(json.dumps(refusal.problem, ensure_ascii=False, indent=2), err=True)
        else:
            _tell(refusal)
        sys.exit(_EXITS.get(refusal.status, FAILED))


def say(text: str) -> None:
    """Write a line for people; nothing where JSON was asked for."""
    if not wants_json():
        click.echo(plain(text))


def table(rows: Iterable[Any], columns: Columns, *, empty: str) -> None:
    """Write rows as a table, or the sentence `empty`; nothing where JSON was asked for."""
    if wants_json():
        return
    found = list(rows)
    if not found:
        click.echo(empty)
        return
    made = grid(*columns)
    for row in found:
        made.add_row(*(escape(plain(cell(value(row, each)))) for each in columns.values()))
    out().print(made)


def pairs(told: Mapping[str, Any]) -> None:
    """Write names and values, one a line; nothing where JSON was asked for."""
    if wants_json():
        return
    made = Table(Column(no_wrap=True), Column(overflow="fold"), show_header=False, box=None, pad_edge=False)
    for name, each in told.items():
        made.add_row(escape(plain(name.replace("_", " "))), escape(plain(cell(each))))
    out().print(made)


def value(row: Any, column: str | Callable[[Any], Any]) -> Any:
    """Return the value of a column of a row; None where a name on the way is missing."""
    if callable(column):
        return column(row)
    found = row
    for name in column.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def cell(found: Any) -> str:
    """Return a value as it stands in a table."""
    match found:
        case None:
            return ""
        case bool():
            return "yes" if found else "no"
        case int():
            return f"{found:,}"
        case float():
            return f"{found:,.2f}"
        case str():
            return found
        case list():
            return "\n".join(map(cell, found))
        case dict():
            return "\n".join(f"{name}: {cell(each)}" for name, each in found.items())
    return str(found)


def watch(client: Client, path: str, *, label: str, pick: Callable[[Any], Any] = lambda told: told) -> Any:
    """Look at work until it is over, with a bar on standard error; return what it says of itself then.

    `pick` takes ``state``, ``done``, ``total`` out of the answer.
    """
    told = TextColumn("{task.description}")
    columns = (SpinnerColumn(), told, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        while True:
            found = client.get(path)
            work = pick(found)
            bar.update(task, completed=work["done"], total=work.get("total"))
            if work["state"] in OVER or work["state"] == "paused":
                return found
            client.sleep(POLL_SECONDS)


def sure(question: str, *, yes: bool) -> None:
    """Ask before something that changes what others see; ends the command when the answer is no."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def text_of(path: Path) -> str:
    """Return the text of a file, or of standard input for ``-``. Raises ClickException."""
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(f"{path} cannot be read as text.") from None


def fail(text: str) -> NoReturn:
    """End the command with a sentence."""
    raise click.ClickException(plain(text))


def _tell(refusal: Refusal) -> None:
    click.echo(f"Error: {plain(str(refusal))}", err=True)
    errors: Sequence[Any] = refusal.problem.get("errors") or ()
    for each in errors:
        where = each.get("pointer") or each.get("parameter") or ""
        if each.get("detail") not in (None, str(refusal)):
            click.echo(f"  {plain(where)}{': ' if where else ''}{plain(str(each['detail']))}", err=True)
    if refusal.status >= 500 and refusal.problem.get("trace_id"):  # noqa: PLR2004 - a fault of the server's
        click.echo(f"  Trace: {plain(str(refusal.problem['trace_id']))}", err=True)
