"""What torchvision says of data that is not where it is looked for."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind

KINDS: dict[str, Kind] = {
    "image-folder": kind(
        "A folder without a folder for each class",
        "Couldn't find any class folder in data/train.",
        (
            r"Couldn't find any class folder in",
            r"Found no valid file for the classes [\w.,\- ]{1,120}?\. Supported extensions",
        ),
        fixed(
            "ImageFolder wants one folder for each class, with that class's images in it.",
            Usual(
                "A hidden folder among the classes",
                "A notebook makes a folder for its checkpoints in each folder that it opens.",
                "Delete the folder for checkpoints inside data/train.",
                lambda found: ".ipynb" in found.message,
            ),
            Usual(
                "The images lie one folder too high or too low",
                "The path is the folder that holds data/train/cat and data/train/dog.",
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
        ),
        fixed(
            "The files of the data set are not in the folder, or could not be fetched.",
            Usual(
                "Python does not trust the server",
                "Python on a Mac brings no certificates of its own.",
                "Run Install Certificates.command in Python's folder, then download again.",
                lambda found: "CERTIFICATE" in found.message,
                only=True,
            ),
            Usual(
                "download=True is missing, or root is another folder",
                "The first run has to fetch the files.",
                "Write datasets.MNIST(root='data', train=True, download=True).",
            ),
        ),
    ),
    "no-numpy": kind(
        "torch was built for another NumPy",
        "Numpy is not available",
        (r"Numpy is not available",),
        fixed(
            "This torch cannot talk to the NumPy that is installed.",
            Usual(
                "NumPy 2 with a torch of before 2.3",
                "The two were built for different versions.",
                "Run python -m pip install numpy==1.26.4, or install a newer torch; then restart the notebook.",
            ),
        ),
    ),
}
