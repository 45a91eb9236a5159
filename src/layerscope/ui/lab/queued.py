"""A place in a queue, in words. Knows no screen."""


def in_queue(place: int, seconds: float | None) -> str:
    """3rd in the queue (about 40 s)."""
    return f"{nth(place)} in the queue{_wait(seconds)}"


def nth(number: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _wait(seconds: float | None) -> str:
    if not seconds:
        return ""
    return f" (about {max(round(seconds), 1):,} s)" if seconds < 100 else f" (about {round(seconds / 60):,} min)"
