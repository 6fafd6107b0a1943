"""How much a rule set may hold. Each limit is far above what a plan needs, and keeps every decision fast and told."""

from __future__ import annotations

LONGEST_TEXT = 131_072
"""The longest record, in characters: no long text field of either CRM holds more."""
LONGEST_TABLE = 4_194_304
"""The longest territory, in characters: a file may hold tables that no record of a CRM can; MOST_ROWS of them."""
MOST_RULES = 2_000
"""All rules may be asked for one lead, and the answer names each that was passed over."""
MOST_CONDITIONS = 200
"""Of one rule or one member: the values that are alike belong in a list."""
MOST_VALUES = 50_000
"""In all lists together: they are held in memory for every customer, and read whenever the rules change."""
MOST_POOLS = 500
MOST_MEMBERS = 1_000
"""Of one pool: each of them is looked at for each lead, and their standing is stored with each turn."""
MOST_SKILLS = 100
MOST_ABSENCES = 100
"""Of one member: older ones can be deleted."""
MOST_TARGETS = 10
"""One after the other: nobody follows more when asking why."""
MOST_STEPS = 20
"""Escalations of one rule: each is a timer for each lead."""
MOST_FIELDS = 20
"""That one rule waits for, or by which one pool tells who fits."""
MOST_CALENDARS = 200
MOST_CLOSED_DAYS = 500
"""Of one calendar: ten years of a company's own days."""
MOST_TERRITORIES = 200
MOST_ROWS = 50_000
"""In all territories together: each row is held in memory in the index of its table."""
MOST_USERS = 10_000
MOST_TESTS = 5_000
"""Publishing waits for all tests."""
MOST_REPEATS = 10_000
"""Leads of one test."""
MOST_WORK = 10_000_000
"""Of all tests together: leads, times the rules and members that each may ask; see rules/trials/work.py. Publishing,
the drain that reads an edit, and a thread of the web process wait for it: some 15 seconds."""
MOST_LEADS = 100_000
"""Of all tests together: what MOST_WORK comes to without rules, told before any more of them is read."""
