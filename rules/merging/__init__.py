"""How records of one person become one: the customer's policy, who survives, whose values stay, what forbids it."""
