"""How pytest-xdist shares the files of a run: one worker takes those that wait much, the others those that compute.

A test that starts a product and two CRMs waits for them half of its time. Two such side by side leave the machine idle;
one beside files of small tests leaves nothing idle, whatever each of them takes on the machine of today.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

WAITING = (
    "tests/story/", "tests/browser/", "tests/jobs/test_crash.py", "tests/jobs/test_undo_crash.py",
    "tests/jobs/test_merge_crash.py", "tests/chaos/test_chaos.py", "tests/jobs/test_listeners.py",
    "tests/jobs/test_queues.py", "tests/manifests/salesforce/test_components.py",
)  # fmt: skip
"""Files whose tests run many processes, or one for long; what takes longest goes first."""


def order(name: str) -> int:
    """Return the place of a file among those that wait; those that compute have the last one."""
    return next((place for place, start in enumerate(WAITING) if name.startswith(start)), len(WAITING))


class Shared(LoadFileScheduling):  # type: ignore[misc] # xdist says nothing of its types
    """Hands out whole files: the first worker begins with those that wait, the others with those that compute."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        choose = min if node is self.nodes[0] else max
        self.workqueue.move_to_end(choose(self.workqueue, key=order), last=False)
        super()._assign_work_unit(node)
