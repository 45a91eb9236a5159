"""Time to spare is judged by what the process used lately, whatever it did before that."""

from layerscope.ui.spare import MOST_BUSY, MOST_VISITORS, WINDOW_SECONDS, Spare


class Machine:
    """A clock and a CPU that stand still until they are moved."""

    def __init__(self) -> None:
        self.now, self.used = 100.0, 7.0
        self.spare = Spare(lambda: self.now, lambda: self.used)

    def after(self, seconds: float, share: float) -> bool:
        """Pass time, of which the process works a share, and ask at the end."""
        self.now += seconds
        self.used += seconds * share
        return self.spare.has_some()


def test_the_first_question_is_answered():
    assert Machine().after(0, 0)


def test_a_calm_process_has_time_and_a_busy_one_has_not():
    machine = Machine()
    machine.spare.has_some()
    assert machine.after(WINDOW_SECONDS, MOST_BUSY - 0.1)
    assert not machine.after(WINDOW_SECONDS, MOST_BUSY + 0.1)


def test_a_short_burst_is_forgiven_and_steady_work_is_not():
    """Questions come in quick succession: each looks back over the window, not to the one before it."""
    machine = Machine()
    assert [machine.after(0.1, 0.2) for _ in range(10)] == [True] * 10
    assert machine.after(0.1, 1.0)
    assert not all(machine.after(0.1, 0.9) for _ in range(20))
    assert not machine.after(0.1, 0.9)


def test_what_was_long_ago_does_not_count():
    machine = Machine()
    machine.spare.has_some()
    assert not machine.after(5, 1.0)
    assert machine.after(60, 0.01)
    assert not machine.after(WINDOW_SECONDS, 1.0)


def test_many_who_move_leave_none_and_those_who_stopped_do_not_count():
    machine = Machine()
    for visitor in range(MOST_VISITORS):
        machine.spare.moved(visitor)
        machine.spare.moved(visitor)
    assert machine.after(0.1, 0)
    machine.spare.moved(MOST_VISITORS)
    assert not machine.after(0.1, 0)
    assert machine.after(WINDOW_SECONDS, 0)
