"""People: whether two leads or contacts are one person, by keys, evidence and a model."""
