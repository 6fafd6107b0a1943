"""What a condition asks: the parts of rules.conditions, from operators and what values mean to whether it holds."""
