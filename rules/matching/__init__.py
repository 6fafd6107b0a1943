"""The account that a lead belongs to: the parts of rules.match, from blocking keys to thresholds."""
