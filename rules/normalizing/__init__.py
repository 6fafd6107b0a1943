"""One spelling for what people write in many: the parts of rules.normalize and the tables they read."""
