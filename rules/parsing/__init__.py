"""Rules as text: what stands in the YAML, read part by part with errors that name record, line and remedy."""
