"""Operations on the install as a whole: its state, mode, settings, permission check and budget of calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import Field

from connector.api.caller import Caller
from connector.api.frame import operation
from connector.api.shapes import Name, Reason, Shape, Wish
from connector.api.tags import INSTALL
from connector.crm import Routes
from connector.desk import checks, home, keeping, settings, telling
from connector.store import installs

Mode = Literal["observe", "suggest", "act"]
Bell = Literal["always", "at work", "never"]
Reminders = Literal["both", "task", "notification"]
Language = Literal["en", "pt_BR", "es", "fr", "de"]


class Work(Shape):
    """A piece of long work."""

    name: str = Field(description="Its name.", examples=["backfill:account"])
    state: Literal["waiting", "running", "paused", "done", "failed"]
    done: int
    total: int | None = Field(description="Null until the CRM has told.")
    reason: Reason = Field(description="Why it stands where it stands, or what came of it.")
    updated_at: datetime


class Quiet(Shape):
    """The CRM asked for quiet: nothing is done until then."""

    reason: Reason
    until: datetime


class PutOff(Shape):
    """Decisions that wait for the same reason."""

    reason: Reason
    count: int
    at: datetime = Field(description="When the first of them is tried again.")


class StreamState(Shape):
    """How changes reach us from Salesforce."""

    standing: Literal["live", "polling", "broken"] = Field(
        description="live: as they happen; polling: we ask for them; broken: it is tried again."
    )
    since: datetime
    reason: Reason
    next_try: datetime | None = Field(description="When events are asked for again; null where that is not known.")


class HourCount(Shape):
    """Decisions of one hour by outcome."""

    at: datetime
    outcomes: dict[str, int]


class Attention(Shape):
    """What waits for a person."""

    reviews: int = Field(description="Matches that somebody is asked about.")
    duplicates: int = Field(description="Pairs that somebody is asked about.")
    missing: int | None = Field(description="What the last permission check missed; null: nobody has made one.")
    stopped: list[str] = Field(description="Long work that failed.")
    rules_fault: str = Field(description="Why newer rules are not in force.")


class Inbox(Shape):
    """What waits, and what stands still."""

    waiting: int = Field(description="Letters that are not decided yet.")
    unfinished: int = Field(description="Decisions that are not carried out yet.")
    parked: int = Field(description="Letters that stand still until somebody asks for another try.")
    parked_decisions: int = Field(description="Decisions that stand still until somebody asks for another try.")


class InstallState(Shape):
    """How an install is doing."""

    id: str
    crm: Literal["salesforce", "hubspot"]
    tenant_id: str = Field(description="The id of the org or portal.", examples=["00D000000000001AAA"])
    name: str
    base_url: str
    status: Literal["active", "paused", "revoked"]
    reason: Reason = Field(description="Why it is not active.")
    mode: Mode
    created_at: datetime
    inbox: Inbox
    today: dict[str, int] = Field(description="Decisions of the last 24 hours by outcome.")
    hours: list[HourCount] = Field(description="The same, hour by hour, the oldest first.")
    attention: Attention
    rules_version: str = Field(description="The rules in force; empty: none were read yet.")
    rules_here: bool = Field(description="Whether they stand in Switchyard alone, as the portal has no place for them.")
    stream: StreamState | None = Field(description="Null where nothing was heard yet, and in HubSpot.")
    work: list[Work]
    quiet: Quiet | None
    put_off: list[PutOff]


class ModeWish(Wish):
    """How far decisions go from now on."""

    mode: Mode = Field(description="observe: decide and audit only; suggest: tasks; act: owners change.")
    understood: bool = Field(False, description="Must be true for `act`: leads will change owner.")


class Settings(Shape):
    """How an install is set."""

    mode: Mode
    routes: Routes = Field(description="What counts as a lead in HubSpot.")
    routes_open: list[Routes] = Field(description="What may be chosen; empty where there is nothing to choose.")
    decision_days: int = Field(description="For how many days decisions can be looked up here.")
    most_days: int = Field(description="The most that may be chosen.")
    undo_days: int = Field(description="For how many days after it a merge can be taken back.")
    most_undo_days: int = Field(description="The most that may be chosen.")
    task: bool = Field(description="Whoever gets a lead has a task, unless the rule says otherwise.")
    notification: Bell = Field(description="When whoever gets a lead is notified, unless the rule says otherwise.")
    reminders: Reminders = Field(description="By what people are reminded and escalated to.")
    language: Language = Field(description="Spoken to those whose own language is unknown or none of these.")
    one_language: bool = Field(description="Whether it is spoken to everybody.")
    console_language: Language | Literal[""] = Field(description="For who has chosen none; empty: their browser's.")
    own_tasks: list[str] = Field(description="The rules in force that say themselves what task they make.")
    own_notifications: list[str] = Field(description="The rules in force that say themselves when they notify.")


class SettingsWish(Wish):
    """What shall be set otherwise; what is left out stays."""

    decision_days: int | None = Field(None, ge=1, le=3650, examples=[30])
    undo_days: int | None = Field(None, ge=1, le=3650, examples=[30])
    fewer_understood: bool = Field(
        False,
        description="Must be true for fewer `decision_days` or `undo_days` than before: what is older is deleted.",
    )
    routes: Routes | None = Field(None, description="All leads are read anew after a change.")
    task: bool | None = Field(None, description="Whether whoever gets a lead has a task.")
    notification: Bell | None = Field(None, description="When whoever gets a lead is notified.")
    reminders: Reminders | None = Field(None, description="By what people are reminded and escalated to.")
    nobody_told: bool = Field(False, description="Must be true for neither task nor notification.")
    language: Language | None = Field(None, examples=["de"])
    one_language: bool | None = Field(None, description="Everybody is told in `language`, whatever their own is.")
    console_language: Language | Literal[""] | None = Field(None, description="Empty: as the viewer's browser says.")


class Counted(Shape):
    """How many there were."""

    count: int


class Line(Shape):
    """One thing that is needed."""

    name: str
    ok: bool
    detail: str
    remedy: str
    without: str = Field(description="What does not work while it is missing.")
    optional: bool


class CheckResult(Shape):
    """What the CRM says of what is needed."""

    ok: bool = Field(description="Whether nothing is missing that must be there.")
    can_probe: bool = Field(description="Whether `POST /check/probe` can try events too.")
    lines: list[Line]


class ProbeWish(Wish):
    """How to try."""

    watch: bool = Field(False, description="Wait for an event that somebody makes, instead of making one.")


class Leaving(Wish):
    """The name of the install, typed by whoever means it."""

    name: Name = Field(description="As `GET /install` shows it.")


@operation("GET", "/install", tag=INSTALL, scope="read", returns=InstallState)
def get_install(caller: Caller) -> InstallState:
    """Tell how the install is doing."""
    mine, found = caller.install, home.read(caller.services, caller.install)
    values = {name: getattr(mine, name) for name in InstallState.model_fields if hasattr(mine, name)}
    today = found.today
    values |= {"inbox": today.inbox, "today": today.by_outcome, "attention": found.waiting, "work": found.work}
    values |= {"quiet": found.quiet, "put_off": found.put_off, "stream": found.stream}
    values |= {"rules_version": found.version, "rules_here": found.rules_here}
    values["hours"] = [HourCount(at=at, outcomes=dict(counts)) for at, counts in today.by_hour]
    return InstallState.model_validate(values, from_attributes=True)


@operation("PUT", "/install/mode", tag=INSTALL, scope="settings:write", returns=Settings, body=ModeWish)
def set_mode(caller: Caller, *, body: ModeWish) -> Settings:
    """Set the mode."""
    settings.set_mode(caller.services, caller.install, body.mode, understood=body.understood, by=caller.by)
    return _settings(caller)


@operation("GET", "/install/settings", tag=INSTALL, scope="read", returns=Settings)
def get_settings(caller: Caller) -> Settings:
    """Tell how the install is set."""
    return _settings(caller)


@operation("PATCH", "/install/settings", tag=INSTALL, scope="settings:write", returns=Settings, body=SettingsWish)
def change_settings(caller: Caller, *, body: SettingsWish) -> Settings:
    """Change settings, all that are named or none; what is left out stays."""
    here, mine, by, understood = caller.services, caller.install, caller.by, body.fewer_understood
    told = telling.read(here, mine).telling
    ways = {"task": "task", "notification": "bell", "reminders": "reminders"}
    ways |= {"language": "language", "one_language": "one_language"}
    given: dict[str, Any] = {field: value for name, field in ways.items() if (value := getattr(body, name)) is not None}
    wanted = replace(told, **given)
    wishes = {keeping.DECISIONS: body.decision_days, keeping.MERGES: body.undo_days}
    days = {what: count for what, count in wishes.items() if count is not None}
    # Everything that could be refused is asked before anything is done.
    for what, count in days.items():
        keeping.may_keep(here, mine, what, count, understood=understood)
    telling.may_tell(told, wanted, understood=body.nobody_told)
    if body.routes is not None:
        settings.set_routes(here, mine, body.routes, before=mine.routes, by=by)
    for what, count in days.items():
        keeping.keep(here, mine, what, count, understood=understood, by=by)
    if body.console_language is not None:
        telling.use_console_language(here, mine, body.console_language, by=by)
    telling.tell(here, mine, wanted, understood=body.nobody_told, by=by)
    return _settings(caller)


@operation("POST", "/install/setup", tag=INSTALL, scope="settings:write")
def set_up_again(caller: Caller) -> None:
    """Set the install up once more.

    What is missing of ours in the CRM is made, and a better place there is used. `GET /install` shows how far it is.
    """
    settings.set_up_again(caller.services, caller.install, by=caller.by)


@operation("POST", "/install/retry", tag=INSTALL, scope="runs:write", returns=Counted)
def retry_parked(caller: Caller) -> Counted:
    """Try everything that stands still again."""
    return Counted(count=home.retry(caller.services, caller.install, by=caller.by))


@operation("POST", "/install/begin-again", tag=INSTALL, scope="runs:write", returns=Counted)
def begin_again(caller: Caller) -> Counted:
    """Start long work that had failed from its beginning."""
    return Counted(count=home.work_again(caller.services, caller.install, by=caller.by))


@operation("POST", "/install/disconnect", tag=INSTALL, scope="settings:write", body=Leaving)
def disconnect(caller: Caller, *, body: Leaving) -> None:
    """Leave the CRM, and delete all that is known here.

    The install's key is destroyed and every row of it deleted, API keys too. Rules and audits stay in the CRM.
    """
    settings.disconnect(caller.services, caller.install, typed=body.name, by=caller.by)


@operation("GET", "/check", tag=INSTALL, scope="read", returns=CheckResult, faults=(409,))
def check_permissions(caller: Caller) -> CheckResult:
    """Ask the CRM whether everything is there that is needed."""
    return CheckResult.model_validate(checks.check(caller.services, caller.install))


@operation("POST", "/check/probe", tag=INSTALL, scope="settings:write", returns=CheckResult, body=ProbeWish)
def probe_events(caller: Caller, *, body: ProbeWish) -> CheckResult:
    """Find out whether events arrive; takes some seconds."""
    return CheckResult.model_validate(checks.probe(caller.services, caller.install, watch=body.watch, by=caller.by))


def _settings(caller: Caller) -> Settings:
    """Return the settings as they are now, after a change too."""
    with caller.services.database.read() as connection:
        stands = installs.by_id(connection, caller.install.id) or caller.install
    chosen, told = settings.read(caller.services, stands), telling.read(caller.services, stands)
    return Settings(
        mode=chosen.mode,
        routes=chosen.routes,
        routes_open=list(chosen.routes_open),
        decision_days=chosen.decision_days,
        most_days=chosen.most_days,
        undo_days=chosen.undo_days,
        most_undo_days=chosen.most_undo_days,
        task=told.telling.task,
        notification=told.telling.bell,
        reminders=told.telling.reminders,
        language=cast("Language", told.telling.language),
        one_language=told.telling.one_language,
        console_language=cast("Language", told.console),
        own_tasks=list(told.own_tasks),
        own_notifications=list(told.own_bells),
    )
