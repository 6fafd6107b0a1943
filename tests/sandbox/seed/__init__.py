"""What the local CRMs are filled with: real companies, invented people, and leads whose truth is known.

Company rows are facts written by hand; every person, contact, lead and opportunity is invented. Everything follows from
a seed, so the same call gives the same rows on every machine.
"""
