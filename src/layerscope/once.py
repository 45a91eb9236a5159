"""What is worked out once: a property of an instance, or a function of the values that it was asked about last."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar, overload

P = ParamSpec("P")
T = TypeVar("T")


class once(Generic[T]):  # noqa: N801  (a decorator)
    """As functools.cached_property, without its lock, which takes Python 3.11 as long as the work of a short property.

    Two threads may both work it out, so it is for values that depend on nothing but the instance.
    """

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work, self._name, self.__doc__ = work, work.__name__, work.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> "once[T]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object, owner: type) -> "T | once[T]":
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._work(instance)
        return value


def latest(work: Callable[P, T]) -> Callable[P, T]:
    """Remember the last answer, for several parts that ask one after the other about the very same values.

    Values are compared by identity: a trace has hundreds of steps to compare or to hash.
    """
    kept: list[tuple[tuple[Any, ...], T]] = []

    @wraps(work)
    def remembered(*values: P.args, **named: P.kwargs) -> T:
        for known, answer in kept[:1]:
            if len(known) == len(values) and all(map(_is, known, values)):
                return answer
        answer = work(*values, **named)
        kept[:] = [(values, answer)]
        return answer

    return remembered


def _one(_: object) -> int:
    return 1


def recent(
    most: int, key: Callable[P, Hashable], size: Callable[[T], int] = _one
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember the last answers, by what `key` makes of the values. What cannot be hashed is not remembered.

    All of them together have a `size` of at most `most`: their number, where nothing else says it.
    The answer is shared: nobody may change it.
    """

    def remembering(work: Callable[P, T]) -> Callable[P, T]:
        kept: OrderedDict[Hashable, T] = OrderedDict()
        lock = Lock()
        total = 0

        @wraps(work)
        def remembered(*values: P.args, **named: P.kwargs) -> T:
            nonlocal total
            asked = key(*values, **named)
            try:
                with lock:
                    if asked in kept:
                        kept.move_to_end(asked)
                        return kept[asked]
            except TypeError:
                return work(*values, **named)
            answer = work(*values, **named)
            with lock:
                if asked not in kept:  # another thread may have been asked the same
                    kept[asked] = answer
                    total += size(answer)
                while total > most:
                    total -= size(kept.popitem(last=False)[1])
            return answer

        return remembered

    return remembering


def _is(one: object, other: object) -> bool:
    return one is other
