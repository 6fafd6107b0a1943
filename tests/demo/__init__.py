"""``make demo``: the whole product on this machine, with leads flowing in."""
