"""How leads are matched: the policy in force, what other thresholds would be worth on this customer's own answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from sqlalchemy import Connection

from connector.crm import Crm
from connector.desk import rule_edits, rulebook
from connector.desk.faults import Overtaken, Unusable, sentence
from connector.desk.matching_text import Part, rewritten
from connector.desk.merging import ruleset_of
from connector.rows import RuleRow
from connector.services import Services
from connector.store import pairs, reviews, rulesets
from connector.store.installs import Install
from jobs import cleanup_labels
from jobs import reviews as said
from jobs.publish import Proposal, is_draft, propose_one
from rules.matching.calibrate import Calibration, logistic
from rules.matching.policy import DomainOnly, MatchPolicy
from rules.matching.preferences import KINDS
from rules.matching.thresholds import Measured, measured
from rules.merging.policy import MergePolicy
from rules.ruleset import RuleSetError, split

ITEM = "match"
PLAIN: tuple[str, ...] = tuple(each for each in KINDS if each not in {"list", "condition", "highest", "lowest"})
"""Tie-breakers that are said in one word, to be chosen from."""
CHANGED = sentence("Somebody has changed how leads are matched meanwhile. Look at it as it is now, and do it again.")
SMALLEST = 0.01
WIDEST_TIE = 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How leads are matched. `text` is the item in force ("": there is none, all is as usual), `seen` its name.

    `prefer` are the tie-breakers as they are written, in order. `accounts` is what thresholds would be worth for
    matches, by reviews, `people` for duplicates, by what was said of pairs; each with the calibration in force.
    `draft` says that a text waits to be published. `rules`: there are any in force. `record` is where the item's text
    is written, "" where there is no item.
    """

    policy: MatchPolicy
    merging: MergePolicy | None
    text: str
    seen: str
    prefer: tuple[str, ...]
    accounts: Measured
    people: Measured
    calibration: Calibration
    people_calibration: Calibration
    draft: bool
    rules: bool
    record: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is to hold: thresholds from 0 to 1, tie-breakers in order as they are written, ``tie`` as a share."""

    accept: float
    review: float
    tie: float
    domain_only: str
    keep_links: bool
    prefer: tuple[str, ...]


def read(services: Services, install: Install) -> Settings:
    """Return how leads are matched; the CRM is not asked."""
    ruleset, seal = ruleset_of(services, install), services.seal(install)
    text = _text(services, install)
    known = rulebook.lately(services, install)
    items = [row for row in known if row.kind.strip() == ITEM and (row.state == "live" or is_draft(row))]
    with services.database.read() as connection:
        calibration = said.learned(connection, install.id, seal).calibration
        people = cleanup_labels.learned(connection, install.id, seal).people
        policy, merging = ruleset.match, ruleset.duplicates
        accounts = measured(_reviewed(connection, services, install, calibration), {policy.accept, policy.review})
        pairs = _labelled(connection, services, install, people)
        together = measured(pairs, {(merging or MergePolicy()).merge, (merging or MergePolicy()).review})
    return Settings(
        policy=policy,
        merging=merging,
        text=text,
        seen=rulebook.seen_as(text),
        prefer=tuple(map(str, policy.prefer)),
        accounts=accounts,
        people=together,
        calibration=calibration,
        people_calibration=people,
        draft=any(map(is_draft, items)),
        rules=bool(ruleset.rules),
        record=next((row.id for row in items if row.id), ""),
    )


def text_of(settings: Settings, change: Change) -> str:
    """Return the item's text with what is to be changed; what stays is not touched. Raises Unusable."""
    _check(change)
    policy = settings.policy
    parts: dict[str, Part] = {}
    if change.accept != policy.accept:
        parts["accept"] = _number(change.accept)
    if change.review != policy.review:
        parts["review"] = _number(change.review)
    if change.prefer != settings.prefer:
        parts["prefer"] = change.prefer
    if change.tie != policy.tie:
        parts["tie"] = f"{_number(change.tie * 100)}%"
    if change.domain_only != policy.domain_only:
        parts["domain only"] = change.domain_only
    if change.keep_links != policy.keep_links:
        parts["keep links"] = "true" if change.keep_links else "false"
    if not parts:
        raise Unusable("Nothing was changed: that is what holds already.")
    return rewritten(settings.text, parts, {name: place for place, name in enumerate(settings.prefer)})


def draft(services: Services, install: Install, change: Change, *, by: str, note: str = "", seen: str = "") -> str:
    """Keep a change as a draft of the item; return its record. Raises Unusable, Overtaken, and what the CRM raises.

    A draft has no place in the history yet, so a `note` for it is refused: it is asked for when drafts are published.
    """
    if note:
        raise Unusable("A draft keeps no reason: you are asked when you publish it. Empty this.", field="why")
    settings = _as_seen(services, install, seen)
    text = text_of(settings, change)
    book = rulebook.read(services, install, ask=True)
    live = next((row for row in book.rows if row.state == "live" and row.kind.strip() == ITEM), None)
    record = (live.id or "") if live else ""
    return rule_edits.save(services, install, text, record=record, by=by)


def publish(
    services: Services, install: Install, change: Change, *, by: str, name: str = "", note: str = "", seen: str = ""
) -> Proposal:
    """Make a change live within seconds: the other rules stay as they are.

    Raises Unusable (rulebook.Faulty and Red say why the rules would not hold), Overtaken, and what the CRM raises.
    """
    settings = _as_seen(services, install, seen)
    text = text_of(settings, change)

    def propose(crm: Crm) -> Proposal:
        if _live_text(crm.rules()) != settings.text:
            raise Overtaken(CHANGED)
        return propose_one(crm, ITEM, text)

    return rulebook.go_live(
        services, install, propose, by=by, name=name or by, did="matching changed", why=note, about=_told(change)
    )


def _as_seen(services: Services, install: Install, seen: str) -> Settings:
    settings = read(services, install)
    if seen and settings.seen != seen:
        raise Overtaken(CHANGED)
    return settings


def _check(change: Change) -> None:
    if not SMALLEST <= change.review <= change.accept <= 1:
        raise Unusable("Both must be between 1 % and 100 %, and asking must begin below accepting.", field="accept")
    if not 0 <= change.tie <= WIDEST_TIE:
        raise Unusable("A tie is from 0 % to 1000 %.", field="tie")
    if change.domain_only not in get_args(DomainOnly):
        raise Unusable("Say never, fallback or always.", field="domain_only")
    if len(set(change.prefer)) < len(change.prefer):
        raise Unusable("A tie-breaker stands there twice: only the first one can decide.", field="prefer")


def _number(value: float) -> str:
    """Return a number as people write it in a rule."""
    return f"{round(value, 4):g}"


def _told(change: Change) -> str:
    return f"accept {_number(change.accept)}, review {_number(change.review)}"


def _text(services: Services, install: Install) -> str:
    """Return the text of the item in force; "" without one."""
    with services.database.read() as connection:
        live = rulesets.get(connection, install.id, services.seal(install))
    for source in live.sources if live else ():
        try:
            found = next((item.text for item in split(source.text) if item.kind == ITEM), None)
        except RuleSetError:
            continue
        if found:
            return found
    return ""


def _live_text(rows: Sequence[RuleRow]) -> str:
    row = next((row for row in rows if row.state == "live" and row.kind.strip() == ITEM), None)
    try:
        return split(row.definition)[0].text if row else ""
    except (RuleSetError, IndexError):
        return row.definition if row else ""


def _reviewed(
    connection: Connection, services: Services, install: Install, calibration: Calibration
) -> list[tuple[float, bool]]:
    """Return how likely each reviewed match was, as calibrated now, and whether a person said that it was right."""
    found = reviews.decided(connection, install.id, services.seal(install))
    return [
        (_likely(each.detail.log_odds, calibration), each.state == "accepted")
        for each in found
        if each.detail.log_odds is not None
    ]


def _labelled(
    connection: Connection, services: Services, install: Install, calibration: Calibration
) -> list[tuple[float, bool]]:
    found = pairs.said(connection, install.id, services.seal(install))
    return [(_likely(log_odds, calibration), same) for log_odds, same in cleanup_labels.scored(found)]


def _likely(log_odds: float, calibration: Calibration) -> float:
    return calibration.probability(logistic(log_odds))


def dictionaries(policy: MatchPolicy) -> Mapping[str, int]:
    """Return how much stands in each dictionary of a policy."""
    return {
        "always": sum(each.verdict == "always" for each in policy.pairs.every),
        "never": sum(each.verdict == "never" for each in policy.pairs.every),
        "synonyms": len(policy.names.synonyms),
        "acquired": len(policy.names.acquired),
        "free_mail": len(policy.free_mail),
    }
