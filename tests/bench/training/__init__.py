"""Training the model of rules/weights.json on leads whose accounts are known."""
