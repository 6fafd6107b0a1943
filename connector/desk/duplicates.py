"""The queue of records that may be one: shown side by side with what a merge would do, answered, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.desk import log, retelling, rulebook
from connector.desk.evidence import Clue, clues
from connector.desk.faults import NotThere, Overtaken, Unusable, sentence
from connector.desk.merging import hindrance, ruleset_of, scope_of
from connector.errors import Next
from connector.services import Services
from connector.store import pairs
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.pairs import Asked, Behind, State
from jobs import cleanup_labels, cleanup_plans
from jobs import undo as undoing
from jobs.cleanup_merges import OBSERVES, mode_of
from jobs.cleanup_plans import Line, Looked
from jobs.takeback import Scope
from jobs.undo import Wish
from rules.merging.plan import NOT_EDITED, Edit
from rules.merging.policy import MergePolicy
from rules.merging.preview import preview
from rules.wording.retelling import evidence_told

PAGE = 25
"""Pairs a page."""
LATELY = timedelta(hours=24)
"""Answers of so long are counted beside what waits."""
KEPT_SECONDS = 3600.0
"""How long the last answer can be taken back here; later, undo the decision that merged."""
SURE_SHOWN = 10
"""Sure ones that are shown and answered at once: their records are read in one batch of calls."""
MEMO = "desk.duplicates:"
CHANGED = sentence("Nothing was merged yet: it would come to something else than you saw. Look again, then answer.")
GONE = sentence("Nobody asks about this any more: somebody has answered, or a record is gone.")


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of pairs in one state, and where the next one begins; `counts` of each state, `answered` in a day."""

    found: tuple[Asked, ...]
    more: Behind | None
    counts: Mapping[str, int]
    answered: int

    @property
    def waiting(self) -> int:
        """How many wait for a person."""
        return self.counts.get("open", 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair as it is now. `why_not` is why it cannot be accepted now, `trouble` why it cannot be shown."""

    asked: Asked
    looked: Looked | None = None
    lines: tuple[Line, ...] = ()
    clues: tuple[Clue, ...] = ()
    sentences: tuple[str, ...] = ()
    why_not: str = ""
    trouble: str = ""

    @property
    def lost(self) -> tuple[tuple[str, str], ...]:
        """What would be only in the snapshot after a merge: each field and the values that no record says any more."""
        return tuple(
            (line.field, value) for line in self.lines for value in dict.fromkeys(line.values) if _is_lost(line, value)
        )


@dataclass(frozen=True, slots=True)
class Observing:
    """What has merging only observe: the mode of the `connection`, or the `policy` (`record`: its id)."""

    connection: bool
    policy: bool
    record: str


def listing(
    services: Services, install: Install, *, state: State = "open", after: Behind | None = None, limit: int = PAGE
) -> Listing:
    """Return the pairs in one state, the surest first."""
    with services.database.read() as connection:
        seal = services.seal(install)
        found = pairs.open_(connection, install.id, seal, limit=limit + 1, after=after, state=state)
        counts = pairs.counts(connection, install.id)
        answered = pairs.answered(connection, install.id, since=services.clock() - LATELY)
    last = found[limit - 1] if len(found) > limit else None
    more = Behind(last.suggestion.confidence, last.key) if last else None
    return Listing(tuple(map(retelling.asked, found[:limit])), more, counts, answered)


def beside(services: Services, install: Install, asked: Asked) -> tuple[str, str]:
    """Return the keys of the open pairs before and behind this one; "" where there is none."""
    here = Behind(asked.suggestion.confidence, asked.key)
    with services.database.read() as connection:
        before = pairs.before(connection, install.id, here)
        after = pairs.open_(connection, install.id, services.seal(install), limit=1, after=here)
    return before, after[0].key if after else ""


def asked_of(services: Services, install: Install, key: str) -> Asked:
    """Return a pair by its key. Raises NotThere."""
    with services.database.read() as connection:
        found = pairs.by_key(connection, install.id, services.seal(install), key)
    if found is None:
        raise NotThere("There is no such pair.", field="key")
    return found


def look(
    services: Services, install: Install, key: str, *, by: str, edit: Edit = NOT_EDITED, asked: Asked | None = None
) -> Shown:
    """Return a pair with its records as they are now and what a merge would do, as `by` (a name) would have it.

    Raises NotThere. A CRM that does not answer is told in `trouble`.
    """
    asked = asked or asked_of(services, install, key)
    edits = {asked.key: replace(edit, by=by)} if edit != NOT_EDITED else {}
    try:
        with scope_of(services, install) as scope:
            found = cleanup_plans.look(scope, [asked], now=services.clock(), by=by, edits=edits)[0]
            return _shown(found, scope, by)
    except Next as error:
        return Shown(retelling.asked(asked), trouble=retelling.reason(str(error)))


def answer(
    services: Services,
    install: Install,
    key: str,
    *,
    same: bool,
    by: str,
    name: str = "",
    edit: Edit = NOT_EDITED,
    seen: str = "",
) -> None:
    """Take down that a pair is the same, to be merged by the plan that was `seen` (Looked.seen), or that it is not.

    `name` is what the person is called. Raises NotThere, Unusable when it cannot be merged, or not as it was seen
    (field ``seen``), Overtaken when somebody else was faster.
    """
    asked = asked_of(services, install, key)
    if same and asked.state == "open":
        shown = look(services, install, key, by=name or by, edit=edit, asked=asked)
        if shown.trouble or shown.why_not or shown.looked is None:
            raise Unusable(shown.trouble or shown.why_not, field="pair")
        if shown.looked.seen != seen:
            raise Unusable(CHANGED, field="seen")
    if not _take_down(services, install, [(asked, seen)], same=same, by=by, name=name, edit=edit):
        raise Overtaken(GONE)


def sure(services: Services, install: Install, *, by: str) -> tuple[Shown, ...]:
    """Return the first open pairs that are surely the same and that nothing speaks against, as they are now.

    `by` is what the person is called. Raises what the CRM raises.
    """
    policy = ruleset_of(services, install).duplicates or MergePolicy()
    with services.database.read() as connection:
        found = pairs.open_(connection, install.id, services.seal(install), limit=SURE_SHOWN * 3)
    certain = [each for each in found if each.suggestion.confidence >= policy.merge and not each.suggestion.why]
    if not certain:
        return ()
    with scope_of(services, install) as scope:
        looked = cleanup_plans.look(scope, certain[:SURE_SHOWN], now=services.clock(), by=by)
        shown = [_shown(each, scope, by) for each in looked]
    return tuple(each for each in shown if not each.why_not and each.looked and not each.looked.doubts)


def accept_sure(services: Services, install: Install, seen: Mapping[str, str], *, by: str, name: str = "") -> int:
    """Take down that these pairs are the same, each by the plan that was seen (key -> Looked.seen); return how many.

    One of which a record has changed since is asked about again before anything is merged. Raises Unusable while
    nothing may be merged.
    """
    policy = ruleset_of(services, install).duplicates
    if policy is None or policy.mode_within(install.mode) == "observe":
        raise Unusable(OBSERVES, field="pairs")
    with services.database.read() as connection:
        found = [pairs.by_key(connection, install.id, services.seal(install), key) for key in list(seen)[:SURE_SHOWN]]
    wanted = [(each, seen[each.key]) for each in found if each and each.state == "open" and seen[each.key]]
    return _take_down(services, install, wanted, same=True, by=by, name=name)


def observing(services: Services, install: Install) -> Observing:
    """Return what has merging only observe. Asks nobody."""
    policy = ruleset_of(services, install).duplicates
    rows = rulebook.read(services, install).rows if policy else ()
    record = next((row.id or "" for row in rows if row.kind.strip() == "duplicates" and row.state == "live"), "")
    return Observing(install.mode == "observe", policy is None or policy.mode == "observe", record)


def can_undo(services: Services, install: Install, *, by: str) -> bool:
    """Tell whether this person has answered something within the hour that could be taken back."""
    return _memo(services, install).get(f"{MEMO}{by}") is not None


def undo(services: Services, install: Install, *, by: str, name: str = "") -> int:
    """Take back what this person said last; return of how many pairs. They are asked about again.

    What is merged already is taken apart again, and counts as not the same from then on. Raises NotThere when there is
    nothing, Overtaken when none is as it was left.
    """
    memo, seal, now = _memo(services, install), services.seal(install), services.clock()
    told = memo.get(f"{MEMO}{by}")
    if told is None:
        raise NotThere("There is nothing to take back: only the last answer of the last hour can be.")
    memo.forget(f"{MEMO}{by}")
    at, merged, count = datetime.fromisoformat(told["at"]), [], 0
    with services.database.write() as connection:
        for key in told["keys"]:
            asked = pairs.by_key(connection, install.id, seal, key)
            if asked is None or asked.decided_at != at:
                continue
            if asked.state in {"merging", "merged"}:
                merged.append(asked.decision)
                continue
            count += cleanup_labels.take_back(connection, install, seal, asked, by=name or by, now=now)
    if merged:
        wish = Wish(name or by, now, keys=tuple(merged))
        undoing.ask(services.database, install.id, seal, wish, clock=services.clock, total=len(merged))
        services.ring(install.id)
    if not count + len(merged):
        raise Overtaken("Somebody else has answered meanwhile.")
    log.note(services, install, by=by, did="undo pair", about=" ".join(told["keys"]))
    return count + len(merged)


def _take_down(
    services: Services,
    install: Install,
    seen: Sequence[tuple[Asked, str]],
    *,
    same: bool,
    by: str,
    name: str,
    edit: Edit = NOT_EDITED,
) -> int:
    seal, now, who = services.seal(install), services.clock(), name or by
    taken = [
        each.key
        for each, plan in seen
        if cleanup_labels.answer(
            services.database, install.id, seal, each, same=same, by=who, now=now, edit=edit, seen=plan
        )
    ]
    if taken:
        _memo(services, install).put(f"{MEMO}{by}", {"at": now.isoformat(), "keys": taken}, seconds=KEPT_SECONDS)
        services.ring(install.id)
        log.note(services, install, by=by, did=f"pair {'same' if same else 'different'}", about=" ".join(taken))
    return len(taken)


def _shown(found: Looked, scope: Scope, by: str) -> Shown:
    why_not = retelling.reason(hindrance(found, mode_of(scope)))
    if found.plan is None:
        return Shown(retelling.asked(found.asked), found, why_not=why_not)
    told = clues(evidence_told(found.why.evidence))
    lines = tuple(cleanup_plans.side_by_side(found.plan))
    return Shown(retelling.asked(found.asked), found, lines, told, preview(found.plan, scope.users, by), why_not)


def _is_lost(line: Line, value: str) -> bool:
    """Tell whether a value stands nowhere after a merge; several may be kept in one field, one after the other."""
    return bool(value) and value.casefold() not in line.after.casefold()


def _memo(services: Services, install: Install) -> StoredMemo:
    return StoredMemo(services.database, install.id, services.seal(install), services.clock)
