"""The match index: keyed hashes of blocking keys -> sealed profiles and records. No readable customer data.

Accounts are found by the keys of rules.matching.keys, people (leads and contacts) by those of rules.dedupe. A posting
is one number that names the record in its book and carries three tags: two say in which country and city the account
is, so that candidates can be ranked before any is unsealed, and one settles ties alike in every build. Each tag is a
keyed hash of 8 bits: who reads the database sees that two accounts may be in one city, but not in which.

A record's old keys are computed from its sealed copy, so no second index by record is needed to take them out again.
"""

from connector.index.changes import Prepared
from connector.index.index import Index
from connector.index.search import KEY_CAP, PEOPLE, PEOPLE_CAP, SHORTLIST

__all__ = ["KEY_CAP", "PEOPLE", "PEOPLE_CAP", "SHORTLIST", "Index", "Prepared"]
