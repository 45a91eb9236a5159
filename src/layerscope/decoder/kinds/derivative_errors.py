"""What torch.func and torch.autograd.functional say of the vectors that jvp and vjp take."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind

KINDS: dict[str, Kind] = {
    "tangent-size": kind(
        "A tangent or gradient of another shape",
        "v has invalid size: should be torch.Size([3]) but got torch.Size([4]).",
        (
            r"Trying to set a forward gradient that has a different size than that of the original Tensor",
            r"v has invalid size: should be (?:torch\.Size\()?\[(?P<wanted>[\d, ]{0,60})\]\)? but got "
            r"(?:torch\.Size\()?\[(?P<got>[\d, ]{0,60})\]",
            r"Mismatch in shape: grad_output\[\d{1,3}\] has a shape of torch\.Size\(\[(?P<got>[\d, ]{0,60})\]\) and "
            r"output\[\d{1,3}\] has a shape of torch\.Size\(\[(?P<wanted>[\d, ]{0,60})\]",
        ),
        fixed(
            "A derivative along a vector needs a vector as large as what it goes with: in jvp the input, in vjp "
            "and backward the output.",
            Usual(
                "The vector is made for the other side",
                "jvp takes a tangent for each input, vjp a cotangent for each output; they differ where the function "
                "changes the shape.",
                "Make it from the tensor that it belongs to: torch.ones_like(x) for jvp, torch.ones_like(out) for vjp"
                " and backward.",
            ),
            pieces={"wanted": "the shape that is needed", "got": "the shape that is there"},
        ),
    ),
    "tangent-structure": kind(
        "Tangents that are not built like the inputs",
        "jvp(f, primals, tangents): Expected primals and tangents to have the same python structure.",
        (
            r"Expected primals and tangents to have the same python structure",
            r"Expected pytree structure of cotangents to be the same as pytree structure of outputs",
            r"jvp\(f, primals, tangents\): Expected (?:primals|tangents) to be a tuple",
        ),
        fixed(
            "Tangents and cotangents come in the same tuple, list or dict as the inputs or outputs that they "
            "belong to.",
            Usual(
                "The tuple is missing",
                "torch.func.jvp takes tuples, also for one input.",
                "Write torch.func.jvp(f, (x,), (torch.ones_like(x),)).",
                lambda found: "primals" in found.message,
                only=True,
            ),
            Usual(
                "One cotangent for several outputs",
                "A function that returns a tuple needs a tuple of cotangents.",
                "Pass one for each output: backward((torch.ones_like(a), torch.ones_like(b))).",
                lambda found: "cotangents" in found.message,
                only=True,
            ),
            alone=True,
        ),
    ),
    "vector-missing": kind(
        "A vector is needed for several outputs",
        "The vector v can only be None if the user-provided function returns a single Tensor with a single element.",
        (
            r"The vector v can only be None if the user-provided function returns a single Tensor with a single "
            r"element",
            r"The Tensor returned by the function given to (?P<function>hessian|hvp|vhp) should contain a single "
            r"element",
        ),
        fixed(
            "This derivative is of one number, and the function returns several.",
            Usual(
                "A loss for each sample",
                "hessian, hvp and vhp, and vjp without v, need a function with one result.",
                "Return loss.mean(), or pass v: torch.autograd.functional.vjp(f, x, torch.ones_like(x)).",
            ),
            pieces={"function": "PyTorch's function"},
        ),
    ),
    "complex-numbers": kind(
        "Complex numbers where real ones are needed",
        "grad can be implicitly created only for real scalar outputs but got torch.complex64",
        (
            r"grad can be implicitly created only for real scalar outputs",
            r"(?<!\w)(?P<function>\w{1,30}) is not supported for complex types?",
            r"Input type \(c10::complex<\w{1,10}>\) and (?:bias|weight) type",
        ),
        fixed(
            "These numbers are complex, as torch.fft gives them; most layers and losses take real ones.",
            Usual(
                "The magnitude is meant",
                "A spectrum is mostly used by the size of its values.",
                "Write torch.fft.rfft(x).abs(), and go on with that.",
            ),
            Usual(
                "Real and imaginary parts as features",
                "A network can read both as real numbers.",
                "Write torch.view_as_real(spectrum), which adds an axis of 2.",
            ),
            pieces={"function": "the function"},
        ),
    ),
}
