"""Axes, ranges and counts that a function of torch cannot work with."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, signed

KINDS: dict[str, Kind] = {
    "flatten-order": kind(
        "A flatten whose end comes before its start",
        "flatten() has invalid args: start_dim cannot come after end_dim",
        (r"flatten\(\) has invalid args: start_dim cannot come after end_dim",),
        fixed(
            "flatten joins the axes from start_dim to end_dim, and start_dim comes later here.",
            Usual(
                "The two numbers are swapped",
                "The order is start_dim, end_dim; leaving out end_dim means the last axis.",
                "Write x.flatten(1) to keep the batch and join all other axes.",
            ),
            Usual(
                "Fewer axes than expected",
                "-2 as end_dim may lie before 1 if the tensor has two axes.",
                "Print x.shape before this line.",
            ),
        ),
    ),
    "permute-twice": kind(
        "An axis that permute is given twice",
        "permute(): duplicate dims are not allowed.",
        (r"permute\(\): duplicate dims are not allowed", r"repeated dim in permute"),
        fixed(
            "permute names each axis exactly once, and one of them stands there twice.",
            Usual(
                "A typing error in the order",
                "Negative numbers count from the end: -1 and 3 are the same axis of four.",
                "From (N, H, W, C) to torch's order it is x.permute(0, 3, 1, 2).",
            ),
        ),
    ),
    "index-vector": kind(
        "Indices for index_select that are a table",
        "index_select(): Index is supposed to be a vector",
        (r"index_select\(\): Index is supposed to be (?:a vector|an? 1-?D tensor)",),
        fixed(
            "index_select takes one row of indices.",
            Usual(
                "The indices have an axis too many",
                "Indices from nonzero or from a batch are a table.",
                "Write torch.index_select(x, 1, index.flatten()).",
            ),
            Usual(
                "Another index for each sample",
                "index_select takes the same places of every sample; gather takes its own for each.",
                "Write x.gather(1, index).",
            ),
        ),
    ),
    "chunks-zero": kind(
        "A tensor cut into no parts",
        "chunk expects `chunks` to be greater than 0, got: 0",
        (rf"chunk expects `?chunks`? to be greater than 0, got: {signed('count')}",),
        fixed(
            "chunk was asked for {count} parts.",
            Usual(
                "A count that was rounded down",
                "width // size is 0 if size is larger than width.",
                "Write x.chunk(max(1, width // size), dim=1).",
            ),
            pieces={"count": "parts"},
        ),
    ),
    "window-length": kind(
        "A window longer than the axis",
        "maximum size for tensor at dimension 1 is 4 but size is 5",
        (
            rf"maximum size for tensor at dimension {signed('axis')} is {number('there')} but size is "
            rf"{number('wanted')}",
        ),
        fixed(
            "unfold takes windows of {wanted} from axis {axis}, which has only {there} cells.",
            Usual(
                "Another axis",
                "The first argument of unfold is the axis, then the length of a window, then its step.",
                "Print x.shape, and name them: x.unfold(dimension=1, size=2, step=1).",
            ),
            Usual(
                "A series shorter than the window",
                "The last piece of a cut series is often shorter.",
                "Pad it first: F.pad(x, (0, missing)).",
            ),
            pieces={"axis": "the axis", "there": "cells on it", "wanted": "length of a window"},
        ),
    ),
    "narrow-end": kind(
        "A piece that goes beyond the end",
        "start (2) + length (5) exceeds dimension size (4).",
        (
            rf"start \({signed('start')}\) \+ length \({number('length')}\) exceeds dimension size "
            rf"\({number('there')}\)",
        ),
        fixed(
            "narrow takes {length} cells from place {start} on, but the axis has only {there}.",
            Usual(
                "The third number is a length, not an end",
                "narrow(dim, start, length) differs from a slice, which names start and end.",
                "Write a slice, which stops at the end by itself: x[:, start:stop].",
            ),
            pieces={"start": "where it begins", "length": "how long it is", "there": "cells on the axis"},
        ),
    ),
    "range-sign": kind(
        "A range that goes the other way",
        "upper bound and lower bound inconsistent with step sign",
        (
            r"upper bound and (?:larger|lower) bound inconsistent with step sign",
            r"number of steps must be non-negative",
        ),
        fixed(
            "The step leads away from the end of the range.",
            Usual(
                "Counting down without a negative step, or up with one",
                "torch.arange, unlike Python's range, refuses this.",
                "Write torch.arange(10, 0, -1) to count down.",
            ),
            Usual(
                "A length that became negative",
                "torch.arange(n - k) counts up to a negative number if k is larger than n.",
                "Print n and k before this line.",
            ),
        ),
    ),
    "random-range": kind(
        "Random numbers from an empty range",
        "random_ expects 'from' to be less than 'to', but got from=5 >= to=5",
        (rf"random_ expects 'from' to be less than 'to', but got from={signed('low')} >= to={signed('high')}",),
        fixed(
            "torch.randint draws from {low} up to, but not including, {high}: there is nothing to draw.",
            Usual(
                "The upper end is left out",
                "torch.randint(5, 6, size) gives only fives.",
                "Add 1 to the upper end: torch.randint(low, high + 1, (3,)).",
            ),
            Usual(
                "The data are shorter than a window",
                "len(data) - block is 0 or negative if the text is shorter than a block.",
                "Use more data or a smaller block, and print len(data).",
            ),
            pieces={"low": "lower end", "high": "upper end"},
        ),
    ),
    "draw-count": kind(
        "More draws without putting back than there are entries",
        "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
        (r"cannot sample n_sample (?:>|<=|larger than) ?prob_dist\.size\(-?1\) samples without replacement",),
        fixed(
            "torch.multinomial draws each entry at most once, and there are fewer entries than draws.",
            Usual(
                "Entries may be drawn again",
                "A sampler for a balanced data set usually puts back what it draws.",
                "Write torch.multinomial(weights, count, replacement=True).",
            ),
            Usual(
                "top-k left fewer entries",
                "After a cut to the k likeliest words, only k can be drawn.",
                "Draw at most as many as there are: min(count, weights.size(-1)).",
            ),
        ),
    ),
    "spread": kind(
        "A chance or a spread outside of what is possible",
        "normal expects std >= 0.0, but found std -1",
        (
            r"(?P<what>bernoulli)_? expects p to be in \[0, 1\], but got p=(?P<value>[\d.e+-]{1,20})",
            r"(?P<what>normal)_? expects (?:all elements of )?std >= 0\.0"
            r"(?:, but found std (?P<value>[\d.e+-]{1,20}))?",
        ),
        fixed(
            "A chance lies between 0 and 1, and a standard deviation is never negative.",
            Usual(
                "A layer's output is used as it is",
                "The output of a Linear may be any number.",
                "For a chance write torch.sigmoid(x), for a standard deviation F.softplus(x).",
            ),
            Usual(
                "The logarithm of the variance",
                "A VAE's layer gives log σ², which may be negative.",
                "Write torch.exp(0.5 * logvar).",
            ),
            pieces={"value": "what was given"},
        ),
    ),
    "bounds-order": kind(
        "A lower bound above the upper one",
        "min_val cannot be greater than max_val",
        (r"min_val (?:cannot be|must not be) greater than max_val", r"max_val must be larger than min_val"),
        fixed(
            "The lower bound is larger than the upper one.",
            Usual(
                "The two numbers are swapped",
                "The order is the lower bound, then the upper one.",
                "Name them: F.hardtanh(x, min_val=-1.0, max_val=1.0).",
            ),
        ),
    ),
}
