"""Tests that a customer writes into the rule set: what they say, what becomes of their leads, the report."""
