"""Working hours, holidays and time zones: the parts of rules.calendar."""
