"""How pytest-xdist shares the files of a run: one worker takes those that wait much, the others those that compute.

A test that starts a product and two CRMs waits for them half of its time. Two such side by side leave the machine idle;
one beside files of small tests leaves nothing idle, whatever each of them takes on the machine of today.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

WAITING = (
    "tests/story/", "tests/browser/", "tests/jobs/test_crash.py", "tests/jobs/test_undo_crash.py",
    "tests/jobs/test_listeners.py", "tests/jobs/test_queues.py", "tests/manifests/salesforce/test_components.py",
)  # fmt: skip
"""Files whose tests run many processes, or one for long."""


class Shared(LoadFileScheduling):  # type: ignore[misc] # xdist says nothing of its types
    """Hands out whole files: those that wait to the first worker, the others to the others, what is left to anybody."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        waits = node is self.nodes[0]
        wanted = next((name for name in self.workqueue if name.startswith(WAITING) == waits), None)
        if wanted is not None:
            self.workqueue.move_to_end(wanted, last=False)
        super()._assign_work_unit(node)
