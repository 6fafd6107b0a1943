"""The rule set that a new install begins with: sensible, commented, and ready to be changed."""

from __future__ import annotations

import json

_TEXT = """\
# How sure a match must be. From "accept" on, the account counts as matched. Between "review" and "accept" the audit
# shows it as "perhaps", and the rules treat the lead as not matched.
#
# Accounts that fail one of "only" are never matched. Accounts that are as likely as each other are decided by "prefer",
# from the left: when nothing tells two of different owners apart, a person is asked. You can also name pairs that never
# or always belong together, other names of companies, and who has bought whom; the manual shows how.
- match: default
  accept: 0.9
  review: 0.6
  # only: [account.type is not Competitor]
  prefer: [customer, active owner]
  # More tie-breakers: open opportunities, most contacts, latest activity, ultimate parent, lead's country, oldest,
  #   list "Named accounts", highest account.revenue, or any condition such as account.tier is Gold
  domain only: fallback
  keep links: true

# Rules are asked from the top; the first that holds, and whose target can take the lead, wins.
# Conditions look like   lead.country in [France, Germany]   or   account.employees >= 5000
# Targets are: account owner, parent owner, contact owner, duplicate owner, opportunity owner, previous assignee,
#   user "e-mail", pool "Name", queue "Name", territory "Name", keep. Several in [ ] are tried in order.
# A rule can also wait for a value, remind and escalate when nobody acts: the manual shows how.
# Whoever gets a lead is notified as your settings say; a rule of its own says notify: true, false or at work.

# Somebody we know already writes again: whoever looks after the earlier record should answer.
- rule: Duplicate of someone we know
  when:
    - duplicate.status is same
  assign: duplicate owner
  task: {subject: "Known person is back: {lead.name} at {lead.company}", due: 2 hours}

# The company is a customer or a prospect of ours: its owner takes the lead.
- rule: Matched account
  when:
    - match.status is matched
  assign: account owner
  task: {subject: "Call {lead.name} at {lead.company}", due: 1 hour}

# All others go to the team for new business, in turn. Keep one rule without conditions at the end, so that no lead is
# left behind.
- rule: Everyone else
  assign: pool "New business"
  task: {subject: "New lead: {lead.name} at {lead.company}", due: 1 hour}

# Add your team here. A weight of 2 takes twice as many leads. Members can have more, for example
#   - {user: bob@example.com, cap: 10 per day, hours: "Mon-Fri 09:00-18:00 Europe/Paris", absent: 2026-12-24}
# Say who helps out when nobody is there, for example
#   overflow: user "manager@example.com"
- pool: New business
  members:
    - {user: ADMIN, weight: 1}
"""


def starter(admin_email: str) -> str:
    """Return the starter rule set as YAML, with the admin as the one member of its pool."""
    return _TEXT.replace("ADMIN", json.dumps(admin_email, ensure_ascii=False))
