"""What is wrong with a rule set though it can be read: the parts of rules.lint, one for each kind of finding."""
