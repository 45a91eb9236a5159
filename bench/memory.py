"""Peak memory of looking at a network: what the process grows by, beside the weights' own size.

Every look happens in a process of its own, which first looks at a small network, so that imports
and first calls are not counted. Building the model counts for everybody. Needs Linux, where the
kernel keeps the peak and lets a process reset its own. Only ratios are printed.
"""

import subprocess
import sys
from pathlib import Path

from bench.contenders import DEVICES, PEERS, ours, peer
from layerscope.asking import forget

BIG, SMALL = "VGG-16", "200 layers"
BYTES_PER_WEIGHT = 4
# A growth of nothing at all would make every ratio infinite; a page cache's noise is about this.
NOISE = 1 << 20

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _status(key: str) -> int:
    """A size that the kernel keeps for this process, in bytes."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(key))
    return 1024 * int(line.split()[1])


def grow(who: str, device: str) -> int:
    """Look at BIG in this process and return how far its memory rose above where it began."""

    def look(network: str) -> int:
        contender = ours(network) if who == "ours" else peer(who, network, device)
        return contender()[0]

    look(SMALL)
    forget()
    CLEAR.write_text("5")  # the peak starts again from here
    before = _status("VmRSS")
    look(BIG)
    return _status("VmHWM") - before


def measured(who: str, device: str) -> int | None:
    """The growth in a fresh process, at least NOISE; None where that mode does not work."""
    command = [sys.executable, "-m", "bench.memory", who, device]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return max(int(answer.stdout), NOISE) if answer.returncode == 0 else None


def main() -> bool:
    """Compare on BIG; true when ours stays far below the size of its weights."""
    if not CLEAR.exists():
        print("Memory: needs Linux; not measured.")
        return True
    weights = BYTES_PER_WEIGHT * ours(BIG)()[0]
    own = measured("ours", "cpu")
    if own is None:
        raise RuntimeError("our own look at the network failed in its process")
    print(f"Memory: peak growth on {BIG}, whose weights are 1; the target for ours is 0.05.")
    print(f"{'ours':16} {'':5} {own / weights:8.3f}")
    for name in PEERS:
        for device in DEVICES:
            growth = measured(name, device)
            if growth is not None:
                print(f"{name:16} {device:5} {growth / weights:8.3f}  ({growth / own:.1f}x ours)")
    met = own < 0.05 * weights
    print("met" if met else "missed")
    return met


if __name__ == "__main__":
    print(grow(*sys.argv[1:]))
