"""The lessons in their order. A lesson is its file here, its page, and one line of this list."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """`key` names the page's file and address."""

    key: str
    title: str
    about: str
    """What you know afterwards, in a few words."""

    @property
    def page(self) -> str:
        """The page's file."""
        return f"pages/{self.key}.py"


LESSONS = (
    Lesson("anatomy", "Anatomy of a call", "parameters and arguments, by position and by name"),
    Lesson("decides", "Who decides?", "what you choose, what the data decides, what the layer before decides"),
    Lesson("kernel", "Kernel, filter, channel", "what the axes of a weight mean, and what one kernel does"),
    Lesson("following", "Following the shape", "28, 24, 12, 8, 4, and where 12 * 4 * 4 comes from"),
    Lesson("mending", "Break it and mend it", "change a number, read PyTorch's error, fix it"),
    Lesson("counting", "Counting weights", "why a smaller kernel can give a larger network"),
    Lesson("sliding", "Stride, padding, dilation, groups", "what each one costs, and what is never read"),
    Lesson("patterns", "Patterns that architects use", "channels grow, features shrink"),
    Lesson("skips", "Skip connections and concatenation", "why shapes must match, and what joining branches costs"),
    Lesson("looking", "Look inside", "weights, feature maps, what a cell sees, and what random weights mean"),
    Lesson("tradeoffs", "Trade-offs", "what a range of settings costs, and which are better in everything"),
    Lesson("training", "Train it", "why the first loss is about ln 10, and which of three kernel sizes wins"),
    Lesson("seeds", "Trials", "what overfitting looks like, and why one training run per setting is not enough"),
)


def number(key: str) -> int:
    """A lesson's place, counted from 1."""
    return next(place for place, lesson in enumerate(LESSONS, 1) if lesson.key == key)


def next_of(lesson: Lesson, finished: Collection[int]) -> Lesson | None:
    """The next lesson that is not done, after this one or else from the first on; None where all are done."""
    place = number(lesson.key)
    order = [*LESSONS[place:], *LESSONS[: place - 1]]
    return next((each for each in order if number(each.key) not in finished), None)
