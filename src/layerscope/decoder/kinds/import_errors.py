"""What Python says of imports, of unpacking, and of things that are called or indexed and cannot be."""

from layerscope.decoder.answer import Cause, Explanation, in_order
from layerscope.decoder.found import Found
from layerscope.decoder.kinds.kind import Kind, kind
from layerscope.decoder.known_names import MODULES, nearest
from layerscope.network import Network

PACKAGES = {
    "torch": "torch", "torchvision": "torchvision", "torchaudio": "torchaudio", "torchtext": "torchtext",
    "torchinfo": "torchinfo", "torchsummary": "torchsummary", "torchmetrics": "torchmetrics", "numpy": "numpy",
    "pandas": "pandas", "matplotlib": "matplotlib", "sklearn": "scikit-learn", "cv2": "opencv-python", "PIL": "pillow",
    "skimage": "scikit-image", "tqdm": "tqdm", "scipy": "scipy", "transformers": "transformers", "timm": "timm",
    "onnx": "onnx", "onnxscript": "onnxscript", "yaml": "pyyaml", "tensorboard": "tensorboard",
    "safetensors": "safetensors", "datasets": "datasets", "einops": "einops", "seaborn": "seaborn",
}  # fmt: skip
"""What is imported, and what pip calls it."""
HOMES = {"DataLoader": "torch.utils.data", "Dataset": "torch.utils.data", "TensorDataset": "torch.utils.data",
         "random_split": "torch.utils.data", "transforms": "torchvision", "datasets": "torchvision",
         "models": "torchvision", "nn": "torch", "optim": "torch"}  # fmt: skip
GONE = {
    "torchtext": "torchtext is no longer made since 2024 and fits old versions of torch only.",
    "torch._six": "torch._six went with torch 2.0; a package that imports it is too old for this torch.",
    "torchvision.models.utils": "It went with torchvision 0.13.",
}


def explain_module(found: Found, _network: Network | None) -> Explanation:
    """No module named 'torchvison'."""
    name = found["name"]
    top = name.partition(".")[0]
    causes = []
    if name in GONE:
        causes.append(Cause(f"{name} is gone", GONE[name], "Install a newer version of the package that imports it."))
    near = nearest(top, PACKAGES) if top not in PACKAGES else None
    if near:
        causes.append(Cause(f"It is spelled {near}", "Every letter counts.", f"Write import {near}."))
    elif top in PACKAGES and "." not in name:
        why = f"Python looks in the environment that runs the program, and {name} is not there."
        remedy = f"Run python -m pip install {PACKAGES[top]} with the same Python; in a notebook, %pip install "
        causes.append(Cause(f"{name} is not installed", why, f"{remedy}{PACKAGES[top]}."))
    elif top in PACKAGES and name not in GONE:
        why = f"{top} has no part of that name in this version, or a file of yours is called {top}.py."
        causes.append(Cause(f"{name} is not in {top}", why, f"Print {top}.__version__ and {top}.__file__."))
    causes += [
        Cause(
            "The program runs in another environment",
            "A notebook's kernel and an editor each choose a Python of their own.",
            "Print sys.executable in the program, and install the package there.",
        ),
        Cause(
            "A file of your own in another folder",
            "Python finds modules beside the program and in its search path only.",
            "Start the program from the project's folder, or write python -m package.module.",
        ),
    ]
    return Explanation(f"Python finds no module {name}.", ((f"'{name}'", "what is to be imported"),), tuple(causes))


def explain_name(found: Found, _network: Network | None) -> Explanation:
    """cannot import name 'Dataloader' from 'torch.utils.data'."""
    name, module = found["name"], found["module"]
    meanings = ((f"'{name}'", "the name"), (f"'{module}'", "where it is looked for"))
    names = [*MODULES.get(module, ("", ()))[1], *(known for known, home in HOMES.items() if home == module)]
    near = nearest(name, names)
    causes = []
    if name in HOMES and HOMES[name] != module:
        why = f"{module} does not have it."
        causes.append(Cause(f"{name} is in {HOMES[name]}", why, f"Write from {HOMES[name]} import {name}."))
    elif near:
        why = "Every letter and capital counts."
        causes.append(Cause(f"It is spelled {near}", why, f"Write from {module} import {near}."))
    if "circular" in found.after[:200] or "partially initialized" in found.after[:200] + found.message:
        why = "Two files import each other, or a file of yours has the name of the package."
        causes.append(Cause("A circular import", why, "Rename your file, or move what both need into a third."))
    causes += [
        Cause(
            "Another version of the package",
            "Names come and go: torch, torchvision and what uses them must be of the same time.",
            f"Print {module.partition('.')[0]}.__version__, and compare it with the tutorial's.",
        ),
        Cause(
            "A file of your own has the package's name",
            "Python takes the file beside the program first.",
            f"Rename a file called {module.partition('.')[0]}.py.",
        ),
    ]
    return Explanation(f"{module} has nothing that is called {name}.", meanings, in_order(causes))


KINDS: dict[str, Kind] = {
    "no-module": kind(
        "A module that is not found",
        "No module named 'torchvison'",
        (r"No module named '?(?P<name>\w{1,60}(?:\.\w{1,60}){0,6})",),
        explain_module,
    ),
    "no-name": kind(
        "A name that a module does not have",
        "cannot import name 'Dataloader' from 'torch.utils.data'",
        (
            r"cannot import name '(?P<name>\w{1,60})' from (?:partially initialized module )?"
            r"'(?P<module>\w{1,60}(?:\.\w{1,60}){0,6})'",
        ),
        explain_name,
    ),
}
