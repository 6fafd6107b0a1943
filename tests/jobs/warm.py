"""Loaded once by the server that worker processes are forked from: what matching reads, as a real worker does it.

Only for that server: it freezes what it has loaded, which nobody else here wants.
"""

from __future__ import annotations

from jobs.worker import warm_up

warm_up()
