"""Faults on purpose, each with its figure: `python -m scripts.faults`, or some by their names.

kills     a server process is killed twenty times during a drag
dropped   a hundred pages lose their web sockets at once
disk      the disk is full while pages export, upload, log and keep trials
clock     the clock is put forward, and back, by a day
workers   a worker, and a scheduler, of the trials are lost
"""

import argparse
import sys

from scripts.faults import clock, disk, dropped, kills, workers
from scripts.live import end_in_order

FAULTS = {"kills": kills.run, "dropped": dropped.run, "disk": disk.run, "clock": clock.run, "workers": workers.run}


def main() -> int:
    """Exits with 1 where something was lost, or came back too late."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="fault", help=f"of {', '.join(FAULTS)}; all unless given")
    given = parser.parse_args()
    if unknown := set(given.names) - FAULTS.keys():
        parser.error(f"there is no fault {', '.join(sorted(unknown))}")
    end_in_order()
    met = True
    for name in given.names or FAULTS:
        print(f"{name}:", flush=True)
        is_met = FAULTS[name]()
        print("met" if is_met else "missed", flush=True)
        met &= is_met
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
