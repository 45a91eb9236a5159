"""What libraries beside torch say when they start: two copies of one, one that is not found, a sound file."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind

KINDS: dict[str, Kind] = {
    "duplicate-library": kind(
        "Two copies of the OpenMP library",
        "OMP: Error #15: Initializing libiomp5md.dll, but found libiomp5md.dll already initialized.",
        (r"OMP: Error #15: Initializing (?P<library>[\w.-]{1,40})",),
        fixed(
            "Two packages brought their own copy of {library}, which must run only once in a program.",
            Usual(
                "Packages from conda and from pip together",
                "conda's NumPy and pip's PyTorch each have this library.",
                "Make a new environment, and install all packages from one of the two sources.",
            ),
            Usual(
                "A way around it for today",
                "The second copy is then allowed; Intel warns that results may be wrong or the program may crash.",
                'Write os.environ["KMP_DUPLICATE_LIB_OK"] = "TRUE" before import torch.',
            ),
            pieces={"library": "the library"},
        ),
    ),
    "cudnn-library": kind(
        "cuDNN's library that is not found",
        "Could not load library cudnn_cnn_infer64_8.dll. Error code 126",
        (
            r"(?:Could not load library|Could not locate|Unable to load any of \{?)[ ]?"
            r"(?P<library>(?:lib)?cudnn[\w.-]{1,40})",
        ),
        fixed(
            "cuDNN computes convolutions on the card, and {library} or a library that it needs was not found.",
            Usual(
                "Another cuDNN comes first in the search path",
                "PyTorch brings its own cuDNN; one that was installed by hand is found before it and does not match.",
                "Remove its folder from PATH, on Linux from LD_LIBRARY_PATH, then restart.",
            ),
            Usual(
                "A broken or mixed installation",
                "Some files of the installation are missing or belong to another version.",
                "Make a new environment, and use the install command that pytorch.org gives for your CUDA.",
            ),
            pieces={"library": "the library"},
        ),
    ),
    "audio-backend": kind(
        "A sound file that torchaudio cannot read",
        "Couldn't find appropriate backend to handle uri test.wav and format None.",
        (
            r"Couldn't find appropriate backend to handle uri (?P<path>[^\s]{1,200}) and format",
            r"No audio (?:I/O )?backend is available",
        ),
        fixed(
            "torchaudio leaves the reading of files to another package, and none can read this one.",
            Usual(
                "No package for sound files is installed",
                "torchaudio.list_audio_backends() shows an empty list then.",
                "Run python -m pip install soundfile, and restart the notebook.",
            ),
            Usual(
                "The path is wrong, or the format is unknown",
                "soundfile reads wav, flac and ogg; mp3 and m4a may need FFmpeg.",
                "Print os.path.exists(path) before this line; convert the file to wav.",
            ),
            pieces={"path": "the file"},
        ),
    ),
}
