"""Numbers and matrices that a function of torch or Python cannot compute with."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, first_word, kind, number, signed

KINDS: dict[str, Kind] = {
    "invert": kind(
        "The operator ~ on numbers",
        "~ (operator.invert) is only implemented on integer and Boolean-type tensors",
        (r"~ \(operator\.invert\) is only implemented on integer and Boolean-type tensors",),
        fixed(
            "~ turns True and False around, and this tensor holds numbers.",
            Usual(
                "A mask of numbers",
                "A mask that is 0 and 1 as floats must become True and False first.",
                "Write ~mask.bool().",
            ),
            Usual("The sign was meant", "A minus turns the sign around.", "Write -x, or 1 - x."),
        ),
    ),
    "number-text": kind(
        "Text that is not a number",
        "could not convert string to float: 'abc'",
        (
            r"could not convert string to float: (?P<text>'[^'\n]{0,60}')",
            r"invalid literal for int\(\) with base \d{1,2}: (?P<text>'[^'\n]{0,60}')",
        ),
        fixed(
            "{text} cannot be read as a number.",
            Usual(
                "A heading or a column of words",
                "The first line of a CSV file usually names the columns.",
                "Read it with pd.read_csv(path), and leave out columns of words: table.select_dtypes('number').",
            ),
            Usual(
                "A decimal comma, a unit or an empty cell",
                "Python writes 3.5, not 3,5 or 3.5 kg.",
                "Convert leniently: pd.to_numeric(column, errors='coerce').",
            ),
            pieces={"text": "what should be a number"},
        ),
    ),
    "quantile-type": kind(
        "Quantiles of whole numbers",
        "quantile() input tensor must be either float or double dtype",
        (r"quantile\(\) input tensor must be either float or double dtype",),
        fixed(
            "A quantile may lie between two numbers, so torch.quantile takes fractions only.",
            Usual("Whole numbers", "Counts and labels are whole numbers.", "Write torch.quantile(x.float(), 0.5)."),
        ),
    ),
    "count-values": kind(
        "Values that torch.bincount cannot count",
        "bincount only supports 1-d non-negative integral inputs.",
        (r"bincount only supports 1-d non-negative integral inputs",),
        fixed(
            "torch.bincount counts whole numbers from 0 on, in a tensor with one axis.",
            Usual(
                "A map of labels, or fractions",
                "Labels of pixels have two or three axes, and many files give them as floats.",
                "Write torch.bincount(labels.flatten().long()).",
            ),
            Usual(
                "A label that is negative",
                "-1 or -100 often marks what is to be left out.",
                "Leave them out first: labels[labels >= 0].",
            ),
        ),
    ),
    "fourier-points": kind(
        "A Fourier transform of no points",
        "Invalid number of data points (0) specified",
        (rf"Invalid number of data points \({signed('count')}\) specified",),
        fixed(
            "The signal, or n, has {count} points along this axis.",
            Usual(
                "A piece that is empty",
                "x[start:stop] gives nothing where start is at the end of the signal.",
                "Print x.shape before this line.",
            ),
            pieces={"count": "points"},
        ),
    ),
    "square-matrix": kind(
        "A matrix that must be square",
        "linalg.inv: A must be batches of square matrices, but they are 3 by 4 matrices",
        (rf"must be batches of square matrices, but they are {number('rows')} by {number('columns')} matrices",),
        fixed(
            "Only a square matrix has an inverse or a determinant; these have {rows} rows and {columns} columns.",
            Usual(
                "Least squares were meant",
                "A matrix with more rows than columns has a pseudoinverse.",
                "Write torch.linalg.pinv(x), or torch.linalg.lstsq(x, y).",
            ),
            Usual(
                "A covariance was forgotten",
                "The product of a matrix and its transpose is square.",
                "Write torch.linalg.inv(x.mT @ x).",
            ),
            pieces={"rows": "rows", "columns": "columns"},
        ),
    ),
    "matrix-needed": kind(
        "A vector where a matrix is needed",
        "linalg.svd: The input tensor A must have at least 2 dimensions.",
        (rf"{first_word('function')}: The input tensor \w{{1,10}} must have at least 2 dimensions",),
        fixed(
            "{function} works on matrices, and this tensor has fewer than two axes.",
            Usual(
                "An axis was lost",
                "x[0], squeeze and flatten take axes away.",
                "Print x.shape before this line; x.unsqueeze(0) makes one row a matrix.",
            ),
            pieces={"function": "the function"},
        ),
    ),
}
