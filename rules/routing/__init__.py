"""Who takes a lead: the parts of rules.decide and rules.pools."""
