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
    "torchtext": "torchtext ended in 2024 and works only with old versions of PyTorch.",
    "torch._six": "PyTorch 2.0 removed torch._six; a package that imports it is too old for your PyTorch.",
    "torchvision.models.utils": "Torchvision 0.13 removed it.",
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
        causes.append(Cause(f"It is spelled {near}", "Spelling matters.", f"Write import {near}."))
    elif top in PACKAGES and "." not in name:
        why = f"Python looks in the environment that runs the program, and {name} is not there."
        remedy = f"Run python -m pip install {PACKAGES[top]} with the same Python; in a notebook, %pip install "
        causes.append(Cause(f"{name} is not installed", why, f"{remedy}{PACKAGES[top]}."))
    elif top in PACKAGES and name not in GONE:
        why = f"This version of {top} has no part of that name, or one of your files is called {top}.py."
        causes.append(Cause(f"{name} is not in {top}", why, f"Print {top}.__version__ and {top}.__file__."))
    causes += [
        Cause(
            "The program runs in a different environment",
            "A notebook's kernel and an editor may each use a different Python.",
            "Print sys.executable in the program, and install the package there.",
        ),
        Cause(
            "Your own file is in a different folder",
            "Python finds modules only next to the program and on its search path.",
            "Start the program from the project's folder, or write python -m package.module.",
        ),
    ]
    return Explanation(
        f"Python cannot find a module called {name}.", ((f"'{name}'", "the module to import"),), tuple(causes)
    )


def explain_name(found: Found, _network: Network | None) -> Explanation:
    """cannot import name 'Dataloader' from 'torch.utils.data'."""
    name, module = found["name"], found["module"]
    meanings = ((f"'{name}'", "the name"), (f"'{module}'", "where Python looks for it"))
    names = [*MODULES.get(module, ("", ()))[1], *(known for known, home in HOMES.items() if home == module)]
    near = nearest(name, names)
    causes = []
    if name in HOMES and HOMES[name] != module:
        why = f"{module} does not have it."
        causes.append(Cause(f"{name} is in {HOMES[name]}", why, f"Write from {HOMES[name]} import {name}."))
    elif near:
        why = "Spelling and capitals matter."
        causes.append(Cause(f"It is spelled {near}", why, f"Write from {module} import {near}."))
    if "circular" in found.after[:200] or "partially initialized" in found.after[:200] + found.message:
        why = "Two files import each other, or one of your files has the package's name."
        causes.append(Cause("A circular import", why, "Rename your file, or move what both need into a third file."))
    causes += [
        Cause(
            "A different version of the package",
            "Names change: torch, torchvision and the packages that use them must be from the same time.",
            f"Print {module.partition('.')[0]}.__version__, and compare it with the tutorial's.",
        ),
        Cause(
            "One of your files has the package's name",
            "Python looks next to the program first.",
            f"Rename a file called {module.partition('.')[0]}.py.",
        ),
    ]
    return Explanation(f"{module} has nothing called {name}.", meanings, in_order(causes))


KINDS: dict[str, Kind] = {
    "no-module": kind(
        "A module that Python cannot find",
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
