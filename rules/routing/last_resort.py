"""Everyone capped or absent never means unassigned: who takes a lead that every rule's targets have refused.

The rules that hold were all asked by then, with every `otherwise` and `overflow`. Of the targets that refused, in the
order in which they were asked, the first that has somebody takes the lead for whom nothing but a cap or a limit was in
the way: of a pool, who is least over theirs. Nobody gets a lead while absent, off duty, paused or not active. If all
who could have it are away, the lead waits until the first of them is back, or for a while when that is far or nobody
knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rules import pools
from rules.clauses import compare
from rules.model import Route, RuleTrace
from rules.parts import Rule
from rules.routing import presence
from rules.routing.case import Case
from rules.routing.targets import Refusals, Refused
from rules.wording import phrases
from rules.wording.words import say

LONGEST_HOLD = timedelta(days=3)
"""So long a lead waits for somebody without asking anew: over a weekend and a holiday."""
FIRST_ASKED = timedelta(days=1)
LAST_ASKED = timedelta(days=30)
"""A lead that waits for longer is asked about again after a day, then after as long as it has waited, up to this."""


def last_resort(case: Case, refused: Sequence[tuple[Rule, Refusals]], path: Sequence[RuleTrace]) -> Route | None:
    """Return who takes a lead that these targets of these rules refused, or until when it waits for one of them.

    None when nobody of them may ever have it: no matched account, nobody active, nobody for whom `when` holds.
    """
    asked = [(rule, each) for rule, refusals in refused for each in refusals]
    told = tuple((str(each.target), each.why) for _, each in asked)
    found = next(_over(case, asked, path), None) or _awaited(case, asked)
    if found is None:
        return None
    return Route(
        found.rule, found.target, found.assignee, found.reason, fallback=True, path=tuple(path), turn=found.turn,
        until=found.until, refused=told,
    )  # fmt: skip


def _over(case: Case, asked: Sequence[tuple[Rule, Refused]], path: Sequence[RuleTrace]) -> Iterator[Route]:
    """Yield who could take it over a cap, in the order in which the targets were asked."""
    for rule, each in asked:
        target, leads = each.target, _leads(rule, case, path)
        if target.kind == "pool":
            turn = pools.beyond(case.scene.ruleset.pools[target.name], case.desk())
            if turn:
                user = case.scene.users[turn.member_id]
                reason = say("reason.over.pool", rule=rule.name, leads=leads, pool=target.name, user=user.name)
                yield Route(rule.name, str(target), user, reason, turn=turn)
        elif each.person and presence.is_here(each.person, case):
            reason = say("reason.over.person", rule=rule.name, leads=leads, why=each.why, user=each.person.name)
            yield Route(rule.name, str(target), each.person, reason)


def _awaited(case: Case, asked: Sequence[tuple[Rule, Refused]]) -> Route | None:
    """Return the route of a lead that waits for the first who is back."""
    waits = [(moment, rule, each) for rule, each in asked if (moment := _back(each, case))]
    if not waits:
        return None
    moment, rule, each = min(waits, key=lambda wait: wait[0])
    until = moment if moment <= case.now + LONGEST_HOLD else min(moment, case.now + _patience(case))
    word = "reason.away.until" if until == moment else "reason.away"
    reason = say(word, rule=rule.name, why=each.why, until=compare.shown(until))
    return Route(rule.name, str(each.target), None, reason, until=until)


def _back(each: Refused, case: Case) -> datetime | None:
    """Return when somebody of a target takes leads again, whatever their caps; None for who never takes this one."""
    if each.target.kind == "pool":
        return pools.returns(case.scene.ruleset.pools[each.target.name], case.desk())
    return presence.back(each.person, case) if each.person else None


def _patience(case: Case) -> timedelta:
    """Return after how long the rules are asked again about a lead that waits for who knows how long."""
    waited = case.now - (case.past.waited_since or case.now)
    return min(max(waited, FIRST_ASKED), LAST_ASKED)


def _leads(rule: Rule, case: Case, path: Sequence[RuleTrace]) -> str:
    return phrases.leads(rule.when, case.facts, first=path[0].rule == rule.name)
