"""What a server of this machine uses, as far as the system tells: memory and open file descriptors."""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Usage:
    """One look at a process."""

    megabytes: float
    files: int

    def __str__(self) -> str:
        return f"{self.megabytes:.1f} MB, {self.files} open files"


def process_of(address: str) -> int | None:
    """The process of the server that `scripts.live.served` runs at an address; None where /proc is missing."""
    option = f"--server.port={address.rpartition(':')[2]}".encode()
    for folder in PROC.glob("[0-9]*"):
        try:
            if option in (folder / "cmdline").read_bytes().split(b"\0"):
                return int(folder.name)
        except OSError:  # gone in the meantime, or another user's
            continue
    return None


def processor(address: str) -> float:
    """Processor seconds of the server at an address, its threads and what it started and has ended; NaN if unknown."""
    try:
        words = (PROC / str(process_of(address)) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def usage(address: str) -> Usage | None:
    """Resident memory and open files of the server at an address; None where they are not to be had."""
    folder = PROC / str(process_of(address))
    try:
        status = (folder / "status").read_text().splitlines()
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
        return Usage(resident / 1024, sum(1 for _ in (folder / "fd").iterdir()))
    except (OSError, StopIteration):
        return None
