"""Workers for the dispatcher's tests: they do what they are told, without any process."""

import json
import time

from layerscope.jobs.cluster import DeathError
from layerscope.jobs.embedded import ClusterError


class FakeWorkers:
    """Stands in for a `Connection`; a run goes on until `finish` or `kill`."""

    def __init__(self, slots=2):
        self.is_alive, self.is_reachable, self.count = True, True, slots
        self.runs, self.refused, self.restarted, self.ended = {}, [], [], False

    def slots(self):
        if not self.is_reachable:
            raise ClusterError("The cluster does not answer.")
        return self.count

    def submit(self, job, run):
        if not self.is_reachable:
            raise ClusterError("The cluster does not answer.")
        self.runs[run] = None
        return run

    def outcome(self, future):
        if isinstance(found := self.runs[future], Exception):
            raise found
        return found

    def finish(self, run, is_whole=True, **value):
        self.runs[run] = json.dumps({"is_whole": is_whole, "reason": "", "value": value})

    def kill(self, run):
        self.runs[run] = DeathError()

    def refuse(self, run):
        self.refused.append(run)

    def restart_worker(self, run):
        self.restarted.append(run)

    def end(self):
        self.ended = True


def until(holds, seconds=60.0):
    """Wait until something holds; what it gave."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.01)
    return found
