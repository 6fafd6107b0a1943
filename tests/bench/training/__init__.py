"""Training the model of rules/matching/weights.json on leads whose accounts are known."""
