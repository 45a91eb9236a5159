"""What torchvision says of data that is not where it is looked for."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind

KINDS: dict[str, Kind] = {
    "image-folder": kind(
        "A folder without a folder for each class",
        "Couldn't find any class folder in data/train.",
        (
            r"Couldn't find any class folder in",
            r"Found 0 files in subfolders of",
            r"Found no valid file for the classes [\w.,\- ]{1,120}?\. Supported extensions",
        ),
        fixed(
            "ImageFolder expects one folder per class, with that class's images in it.",
            Usual(
                "A hidden folder among the class folders",
                "A notebook makes a hidden folder for checkpoints in each folder that you open.",
                "Delete the checkpoints folder inside data/train.",
                lambda found: ".ipynb" in found.message,
            ),
            Usual(
                "The images are one folder too high or too low",
                "For data/train/cat and data/train/dog the path is data/train.",
                "Print os.listdir(path): it must list the classes.",
            ),
        ),
    ),
    "no-download": kind(
        "A data set that was not downloaded",
        "Dataset not found. You can use download=True to download it",
        (
            r"Dataset not found(?: or corrupted)?\. You can use download=True to download it",
            r"urlopen error \[SSL: CERTIFICATE_VERIFY_FAILED\]",
            r"HTTP Error (?:403|404|429|50[0234])\b",
            r"invalid hash value \(expected",
        ),
        fixed(
            "The files are not in the folder, or could not be downloaded.",
            Usual(
                "Python does not trust the server",
                "Python on a Mac comes without certificates.",
                "Run Install Certificates.command in Python's folder, then download again.",
                lambda found: "CERTIFICATE" in found.message,
                only=True,
            ),
            Usual(
                "The download was interrupted",
                "Only a part of the weights arrived, so they are not the file that was expected.",
                "Delete that file from the folder torch.hub.get_dir names, and start again.",
                lambda found: "hash" in found.message,
                only=True,
            ),
            Usual(
                "download=True is missing, or root is another folder",
                "The first run has to download the files.",
                "Write datasets.MNIST(root='data', train=True, download=True).",
            ),
        ),
    ),
    "no-numpy": kind(
        "PyTorch was built for another NumPy",
        "Numpy is not available",
        (
            r"Numpy is not available",
            r"numpy\.core\.multiarray failed to import",
            r"A module that was compiled using NumPy 1\.x cannot be run in\s+NumPy 2",
        ),
        fixed(
            "This PyTorch version does not work with the installed NumPy.",
            Usual(
                "NumPy 2 with PyTorch older than 2.3",
                "The two were built for different versions.",
                "Run python -m pip install numpy==1.26.4, or install a newer PyTorch version; then restart the "
                "notebook.",
            ),
        ),
    ),
}
