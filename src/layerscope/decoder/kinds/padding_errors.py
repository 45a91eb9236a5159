"""What layers say of padding that is too large."""

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number, sizes
from layerscope.decoder.search.at import at
from layerscope.network import Network


def explain_pool_padding(found: Found, network: Network | None) -> Explanation:
    """pad should be at most half of effective kernel size."""
    padding, kernel = found.number("padding"), found.number("kernel")
    meanings = (
        (found.shown(f"pad={padding}", f"padding={padding}", f"{padding}"), "the padding: cells added on each side"),
        (
            found.shown(f"kernel_size={kernel}", f"{kernel}"),
            f"kernel_size, which allows a padding of up to {kernel // 2}",
        ),
    )
    causes = []
    for layer in network.layers if network else ():
        has = layer.chosen
        if network and layer.stem == "pool" and (has.get("padding"), has.get("kernel_size")) == (padding, kernel):
            changed = network.with_argument(layer.name, "padding", kernel // 2)
            step = at(changed, layer.name).step
            if step and step.output_shape:
                why = (
                    f"{layer.name} has kernel_size {kernel}, half of which is {kernel // 2}; its padding is {padding}."
                )
                remedy = f"Write padding={kernel // 2} in {layer.name}, or less."
                causes.append(Cause(f"padding={padding} in {layer.name}", why, remedy, True, layer.name, changed, True))
    general = Cause(
        "Padding meant for a different kernel",
        "With more padding, a window could cover nothing but padding.",
        f"Write padding={kernel // 2} or less; for more, put a ZeroPad2d before the pooling.",
    )
    return Explanation("The padding of the pooling is too large.", meanings, in_order([*causes, general]))


def _is_sound(found: Found) -> bool:
    """Whether a signal is padded, as for a spectrogram, not a map."""
    given = found.sizes("given")
    padding = [int(part) for part in found["padding"].split(",")]
    return len(given) == SIGNAL and (
        "stft" in found.before or "spectrogram" in found.before or min(padding) >= HALF_WINDOW
    )


SIGNAL, HALF_WINDOW = 3, 64
"""Axes of a signal with its batch and channel, and half of the smallest usual n_fft."""
KINDS: dict[str, Kind] = {
    "pool-padding": kind(
        "Padding of a pooling layer too large",
        "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1",
        (
            rf"pad should be at most half of effective kernel size, but got pad={number('padding')}, "
            rf"kernel_size={number('kernel')}",
            rf"pad should be (?:smaller than|at most) half of kernel size, but got (?:padW|pad) ?= "
            rf"?{number('padding')}, ?"
            rf"(?:padH ?= ?\d{{1,9}}, ?)?(?:kW|kernel_size) ?= ?{number('kernel')}",
            rf"padding should be at most half of kernel size, but got padding={number('padding')} and "
            rf"kernel_size={number('kernel')}",
        ),
        explain_pool_padding,
    ),
    "reflect": kind(
        "Padding larger than the maps",
        (
            "Padding size should be less than the corresponding input dimension, but got: padding (3, "
            "3) at dimension 3 of input [1, 1, 2, 2]"
        ),
        (
            r"Padding size should be less than the corresponding input dimension, but got: padding "
            rf"\((?P<padding>\d{{1,9}}, \d{{1,9}})\) at dimension {number('axis')} of input {sizes('given')}",
        ),
        fixed(
            "Reflection padding must be smaller than what it pads: axis {axis} is too small for ({padding}).",
            Usual(
                "A recording in stereo, its channels last",
                "soundfile gives (samples, 2), and the 2 is taken for the length. torchaudio.load puts the channels "
                "first.",
                "Write x = x.mean(dim=-1) for one channel, or x = x.transpose(-2, -1).",
                lambda found: _is_sound(found) and found.sizes("given")[-1] in (1, 2),
                only=True,
            ),
            Usual(
                "The recording is shorter than a window",
                "A spectrogram pads the signal by half of n_fft on both sides, and mirrors it for that.",
                "Pad it with zeros first, x = F.pad(x, (0, missing)), or choose a smaller n_fft.",
                lambda found: _is_sound(found) and found.sizes("given")[-1] not in (1, 2),
                only=True,
            ),
            Usual(
                "The images are too small",
                "Convolutions and poolings before it have shrunk the maps.",
                "Use larger images or less pooling.",
            ),
            Usual(
                "The padding is too large",
                "padding_mode='reflect' and ReflectionPad2d mirror the map itself; zeros can always be added.",
                "Use a smaller padding, or padding_mode='zeros'.",
            ),
            pieces={
                "padding": "the padding on the two sides of that axis",
                "axis": "the axis, counted from 0",
                "given": "the input, the batch axis first",
            },
        ),
    ),
}
