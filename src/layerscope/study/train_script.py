"""A training as a plain PyTorch script that does it again: the same images, the same order, the same numbers.

`parts` is the script in sections, which a notebook shows as cells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import getsource

from layerscope.layers.base import Shape
from layerscope.source.writer import Style, written
from layerscope.study import augmenting, splitting
from layerscope.study.data import plane_of
from layerscope.study.outcome import Run
from layerscope.study.own_images import ENDINGS, SIDE
from layerscope.study.samples import LUMINANCE
from layerscope.study.script import without_imports
from layerscope.study.sets import CIFAR10, DIGITS, KNOWN

START = "start.safetensors"
"""The file with the weights that a training began with, where they were not fresh."""


@dataclass(frozen=True)
class Section:
    """A piece of the script; `title` heads its cell in a notebook."""

    title: str
    code: str


def script(run: Run) -> str:
    """The run as Python code."""
    return "\n\n".join([f'"""{introduction(run)}"""', *(section.code for section in parts(run))])


def introduction(run: Run) -> str:
    """What the script does, and how to run it."""
    needs = {DIGITS: "torch and scikit-learn"}.get(
        run.data.name, "torch" if run.data.name in KNOWN else "torch and pillow"
    )
    return (
        f"Trains a network on {_called(run)}, as Layerscope did.\n\nIt needs {needs}. Layerscope found an accuracy of "
        f"{run.accuracy!r}\nand a loss of {run.loss!r} on {len(run.places):,} held-out images. On a CPU, with the same "
        "version of PyTorch, the\nnumbers are the same; another processor rounds sums in another way.\n"
    )


def parts(run: Run) -> list[Section]:
    """The script in sections."""
    code, imports = without_imports(written(run.network, Style.MODULES).text)
    return [
        Section("Imports and settings", "\n".join(_settings(run, imports)) + "\n"),
        Section("The network", code.strip("\n") + "\n"),
        Section("The images", "\n\n".join(_images(run))),
        Section("Images as the network's input", "\n\n".join(_inputs(run))),
        Section("Training", _training(run)),
    ]


def _called(run: Run) -> str:
    if run.data.name == DIGITS:
        return "scikit-learn's handwritten digits"
    return KNOWN[run.data.name].title if run.data.name in KNOWN else "images of your own"


def _settings(run: Run, imports: list[str]) -> Iterator[str]:
    yield from sorted({
        "import torch", "from torch import Tensor, nn", "from torch.nn import functional as F", *_loaders(run),
        *(("from safetensors.torch import load_file",) if run.is_continued else ()),
        *(line for line in imports if line not in ("from torch import nn", "import torch.nn.functional as F")),
    }, key=lambda line: (line.startswith("from"), line))  # fmt: skip
    yield ""
    plan = run.plan
    yield f"SEED, BATCH, EPOCHS = {plan.seed}, {plan.batch}, {plan.epochs}"
    if run.stopped or run.exploded:
        yield f"STEPS = {_steps(run)}  # it was stopped there"
    yield f"REACH = {augmenting.REACH}" if plan.augmentation else ""
    yield "torch.set_num_threads(1)  # sums are rounded in the same way" if run.threads == 1 else ""


def _steps(run: Run) -> int:
    """Steps that moved the weights."""
    return run.rows[-1].step - bool(run.exploded)


def _loaders(run: Run) -> tuple[str, ...]:
    if run.data.name == DIGITS:
        return ("from sklearn.datasets import load_digits",)
    if run.data.name == CIFAR10:
        return ("from pathlib import Path",)
    if run.data.name in KNOWN:
        return ("import gzip",)
    return ("import zipfile", "from PIL import Image, ImageOps")


_DIGITS = '''def load():
    """Images (count, channels, height, width) from 0 to 16, and their classes."""
    found = load_digits()
    return torch.from_numpy(found.images).float()[:, None], torch.from_numpy(found.target)
'''
_IDX = '''IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"  # in this folder; from
# {host}


def load():
    """Images (count, channels, height, width) from 0 to 255, and their classes."""
    with gzip.open(IMAGES) as images, gzip.open(LABELS) as labels:
        head = torch.frombuffer(bytearray(images.read(16)), dtype=torch.uint8).reshape(4, 4)
        _, count, height, width = (head.long() @ torch.tensor([2**24, 2**16, 2**8, 1])).tolist()
        pixels = torch.frombuffer(bytearray(images.read()), dtype=torch.uint8).reshape(count, 1, height, width)
        return pixels.float(), torch.tensor(list(labels.read()[8:]))
'''
_CIFAR = '''FOLDER = Path("cifar-10-batches-bin")  # the binary version, unpacked; from
# {host}


def load():
    """Images (count, channels, height, width) from 0 to 255, and their classes: as many files as were used."""
    raw = b"".join((FOLDER / f"data_batch_{{number}}.bin").read_bytes() for number in {numbers})
    records = torch.frombuffer(bytearray(raw), dtype=torch.uint8).reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32).float(), records[:, 0].long()
'''
_OWN = '''ARCHIVE = "images.zip"  # your ZIP: one folder for each class


def load():
    """Images (count, 3, height, width) from 0 to 255, and their classes."""
    pictures, names = [], []
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in sorted(archive.namelist()):
            parts = name.split("/")
            if name.lower().endswith({endings}) and not parts[-1].startswith(".") and "__MACOSX" not in parts:
                with archive.open(name) as file, Image.open(file) as image:
                    upright = ImageOps.exif_transpose(image).convert("RGB")
                    square = ImageOps.fit(upright, ({side}, {side}), Image.Resampling.BILINEAR)
                pixels = torch.frombuffer(bytearray(square.tobytes()), dtype=torch.uint8)
                pictures.append(pixels.reshape({side}, {side}, 3).permute(2, 0, 1))
                names.append(parts[-2])
    classes = sorted(set(names))
    return torch.stack(pictures).float(){gray}, torch.tensor([classes.index(name) for name in names])
'''


def _images(run: Run) -> Iterator[str]:
    if run.data.name == DIGITS:
        yield _DIGITS
    elif run.data.name == CIFAR10:
        yield _CIFAR.format(host=KNOWN[CIFAR10].host, numbers=_cifar_files(run))
    elif run.data.name in KNOWN:
        yield _IDX.format(host=KNOWN[run.data.name].host)
    else:
        yield _OWN.format(endings=ENDINGS, side=SIDE, gray="[:, :1]" if run.data.shape[0] == 1 else "")
    yield getsource(splitting.divided)


def _cifar_files(run: Run) -> str:
    return str(tuple(range(1, -(-run.data.count // 10_000) + 1)))


def _inputs(run: Run) -> Iterator[str]:
    if run.plan.augmentation:
        yield getsource(augmenting.augmented)
    shape = run.network.input_shape
    told = f'    """Pictures from 0 to 1 as a batch of {shape}, in hundredths."""'
    yield "\n".join(("def inputs(pictures):", told, *(f"    {line}" for line in _fitting(run.data.shape, shape)), ""))


def _fitting(picture: Shape, shape: Shape) -> Iterator[str]:
    """What `as_inputs` does to pictures of that shape for an input of that shape."""
    plane, colors = plane_of(shape), picture[0]
    is_folded = len(shape) < 3 and plane[0] > 1
    wanted = 1 if is_folded or len(shape) == 1 else shape[0]
    if picture[1:] != plane:
        yield (f'pictures = F.interpolate(pictures, {plane}, mode="bilinear", antialias=True, align_corners=False)')
    if wanted == 1 and colors > 1:
        yield f"gray = torch.tensor({[*LUMINANCE]})[:, None, None]"
        yield "pictures = (pictures * gray).sum(1, keepdim=True)"
        colors = 1
    if wanted != colors:
        yield f"pictures = pictures[:, torch.arange({wanted}) % {colors}]"
    yield "pictures = (pictures * 100).round() / 100"
    if len(shape) == 4:
        yield f"return pictures[:, :, None].expand(-1, {', '.join(map(str, shape))})"
    elif len(shape) == 3:
        yield "return pictures"
    else:
        yield f"return pictures.reshape(len(pictures), {', '.join(map(str, shape))})"


_TRAINING = '''def measured(net, pictures, labels, places):
    """Loss and accuracy on the images at those places."""
    net.eval()
    with torch.no_grad(), torch.random.fork_rng():
        scores = torch.cat([net(inputs(pictures[some])) for some in places.split(BATCH)])
    return F.cross_entropy(scores, labels[places]).item(), (scores.argmax(1) == labels[places]).double().mean().item()


def main():
    torch.manual_seed(SEED)
    net = Network()
{start}    torch.manual_seed(SEED)  # dropout draws from here
    pictures, labels = load()
    pictures = pictures / {white}
    training, held = divided(labels, {classes}, {share})
    optimizer = torch.optim.{optimizer}(net.parameters(), {arguments})
    mixing = torch.Generator().manual_seed(SEED)
    step = 0
    for epoch in range(1, EPOCHS + 1):
        order = training[torch.randperm(len(training), generator=mixing)]
        for start in range(0, len(training) - BATCH + 1, BATCH):
{end}            places = order[start : start + BATCH]
            net.train()
            optimizer.zero_grad()
            loss = F.cross_entropy(net(inputs({given})), labels[places])
{explodes}            loss.backward()
            optimizer.step()
            step += 1
{after}        print(f"epoch {{epoch}}: loss {{loss.item():.4f}} of the last batch")
    loss, accuracy = measured(net, pictures, labels, held{first})
    print(f"held-out: accuracy {{accuracy!r}}, loss {{loss!r}}")


if __name__ == "__main__":
    main()
'''


_END = """            if step == STEPS:
                break
"""
"""Before a step where somebody stopped it; after its loss, which normalizations have seen, where that exploded."""


def _training(run: Run) -> str:
    plan = run.plan
    given = "pictures[places]"
    return _TRAINING.format(
        start=f'    net.load_state_dict(load_file("{START}"))\n' if run.is_continued else "",
        end=_END if run.stopped and not run.exploded else "", explodes=_END if run.exploded else "",
        after="        if step == STEPS:\n            break\n" if run.stopped or run.exploded else "",
        first=f"[:{len(run.places)}]" if run.is_partly_measured else "",
        white=run.data.white, classes=len(run.classes), share=splitting.HELD, optimizer=plan.optimizer,
        arguments=", ".join(f"{name}={value!r}" for name, value in plan.arguments().items()),
        given=f"augmented({given}, mixing, {run.data.mirrors})" if plan.augmentation else given,
    )  # fmt: skip
