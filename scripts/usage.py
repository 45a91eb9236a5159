"""What a server of this machine uses, as far as the system tells: memory and open file descriptors."""

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


def usage(address: str) -> Usage | None:
    """Resident memory and open files of the server at an address; None where they are not to be had."""
    folder = PROC / str(process_of(address))
    try:
        status = (folder / "status").read_text().splitlines()
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
        return Usage(resident / 1024, sum(1 for _ in (folder / "fd").iterdir()))
    except (OSError, StopIteration):
        return None
