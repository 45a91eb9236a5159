"""What torch says of code for other versions, of loops over dictionaries that change, and TensorBoard of pictures."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, sizes, word

KINDS: dict[str, Kind] = {
    "async-argument": kind(
        "async, a word that Python has taken",
        "x = x.cuda(async=True) ^ SyntaxError: invalid syntax",
        (r"\basync ?= ?True[^\n]{0,80}?SyntaxError: invalid syntax",),
        fixed(
            "Since Python 3.7 async is a word of the language, so it cannot name an argument.",
            Usual(
                "Code for an older PyTorch",
                "The argument is called non_blocking since version 0.4.",
                "Write x.to(device, non_blocking=True).",
            ),
        ),
    ),
    "integer-division": kind(
        "A division of whole numbers in torch 1.5 to 1.12",
        "Integer division of tensors using div or / is no longer supported, and in a future release div will perform "
        "true division as in Python 3. Use true_divide or floor_divide (// in Python) instead.",
        (r"Integer division of tensors using (?:div or /|div or / or true_divide|/) is no longer supported",),
        fixed(
            "Both tensors hold whole numbers, and this version of PyTorch does not choose how to round their quotient.",
            Usual(
                "A share or an accuracy",
                "correct / total is a fraction.",
                "Write correct.float() / total, or correct.item() / total.",
            ),
            Usual(
                "An index or a size",
                "It has to stay a whole number.",
                "Write torch.div(a, b, rounding_mode='floor').",
            ),
        ),
    ),
    "cudnn-version": kind(
        "An older cuDNN in the way",
        "cuDNN version incompatibility: PyTorch was compiled against (8, 9, 2) but found runtime version (8, 5, 0).",
        (
            r"cuDNN version incompatibility: PyTorch was compiled\s+against "
            r"\((?P<own>[\d, ]{1,20})\) but (?:found runtime version|linked against) \((?P<other>[\d, ]{1,20})\)",
        ),
        fixed(
            "PyTorch brings its own cuDNN, but the system loads another one first.",
            Usual(
                "LD_LIBRARY_PATH leads to another CUDA",
                "What is in it is loaded before PyTorch's own files.",
                "Run unset LD_LIBRARY_PATH before Python.",
            ),
            Usual(
                "Another package brought its cuDNN",
                "TensorFlow and JAX install their own version.",
                "Make a new environment with PyTorch alone.",
            ),
            pieces={"own": "the version that PyTorch needs", "other": "the version that was loaded"},
        ),
    ),
    "stft-complex": kind(
        "A spectrum without return_complex",
        "stft requires the return_complex parameter be given for real inputs",
        (r"stft requires the return_complex parameter be given for real inputs",),
        fixed(
            "Since torch 1.8 stft has to be told in which form it returns complex numbers.",
            Usual(
                "Code for an older torch",
                "It returned real and imaginary parts as a last axis of 2.",
                "Write torch.view_as_real(torch.stft(x, n_fft=400, return_complex=True)) for that form; without "
                "view_as_real the result is complex.",
            ),
        ),
    ),
    "mutated": kind(
        "A dictionary that changes while it is looped over",
        "OrderedDict mutated during iteration",
        (
            r"OrderedDict mutated during iteration",
            r"dictionary (?P<what>keys|changed size) (?:changed )?during iteration",
        ),
        fixed(
            "A loop over a dictionary may not add or remove its keys.",
            Usual(
                "The keys of a checkpoint are renamed",
                "Each pop and each new key changes the dictionary that the loop goes through.",
                "Make a new one: state = {{'module.' + name: value for name, value in state.items()}}.",
            ),
            Usual(
                "Layers are added or replaced in a loop over them",
                "named_modules and _modules are dictionaries too.",
                "Loop over a copy: for name, layer in list(net.named_modules()).",
            ),
        ),
    ),
    "image-format": kind(
        "A picture for TensorBoard with its axes in another order",
        "size of input tensor and input format are different. tensor shape: (1, 28, 28), input_format: HWC",
        (
            rf"size of input tensor and input format are different\. tensor shape: \({sizes('shape')}\), input_format: "
            rf"{word('format', 5)}",
        ),
        fixed(
            "The picture has the shape ({shape}), but {format} has another number of axes.",
            Usual(
                "A batch in place of one picture",
                "add_image takes one picture, add_images a batch.",
                "Write writer.add_images('x', batch), or writer.add_image('x', batch[0]).",
            ),
            Usual(
                "The channels are first, or missing",
                "C, H and W stand for channels, height and width.",
                "Write writer.add_image('x', image, dataformats='CHW'), or 'HW' for two axes.",
            ),
            pieces={"shape": "the shape of the picture", "format": "the expected axes"},
        ),
    ),
}
