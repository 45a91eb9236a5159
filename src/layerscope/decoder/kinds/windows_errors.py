"""What Windows and Linux say when torch's own libraries cannot be loaded, or its processes break off."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind, number

KINDS: dict[str, Kind] = {
    "paging-file": kind(
        "The paging file is too small",
        "[WinError 1455] The paging file is too small for this operation to complete.",
        (r"\[?WinError 1455\]?", r"The paging file is too small for this operation to complete"),
        fixed(
            "Windows has too little memory, real and on disk together, to load torch's libraries once more.",
            Usual(
                "Every DataLoader worker loads torch again",
                "On Windows each worker is a new Python that reserves several GB for the CUDA libraries.",
                "Write num_workers=0, or 2 at most, in every DataLoader.",
            ),
            Usual(
                "The paging file is limited",
                "It must hold what all processes reserve, even if they never use it.",
                "Raise it to 32 GB or more: System, Advanced system settings, Performance, Virtual memory; then "
                "restart.",
            ),
            Usual(
                "Other programs use the memory",
                "An earlier run or another notebook may still be there.",
                "End other Python processes in the Task Manager.",
            ),
        ),
    ),
    "dll": kind(
        "A library of torch that Windows cannot load",
        "[WinError 126] The specified module could not be found. Error loading "
        '"C:\\torch\\lib\\c10.dll" or one of its dependencies.',
        (
            rf"\[WinError (?!1455){number('code')}\] [^\n\"]{{1,160}}Error loading \"?(?P<path>[^\"\n]{{1,160}}\.dll)",
            r"DLL load failed(?! while importing \w{1,40}: The paging|: The paging)(?: while importing "
            r"(?P<name>\w{1,40}))?",
        ),
        fixed(
            "torch is installed, but Windows could not load one of its libraries, or one that it needs.",
            Usual(
                "The Visual C++ runtime is missing or old",
                "torch's libraries need Microsoft's runtime.",
                "Install the latest Visual C++ Redistributable (x64) from Microsoft, then restart.",
            ),
            Usual(
                "A broken or mixed installation",
                "pip and conda in one environment, or a torchvision for another torch, leave libraries that do "
                "not match.",
                "Make a new environment, and install torch and torchvision in one command.",
            ),
            pieces={"code": "Windows' number for it", "path": "the library", "name": "the module"},
        ),
    ),
    "broken-pipe": kind(
        "A process that talks to one that is gone",
        "BrokenPipeError: [Errno 32] Broken pipe",
        (r"BrokenPipeError: \[(?:Errno 32|WinError \d{1,4})\]", r"ConnectionResetError: \[Errno 104\]"),
        fixed(
            "A DataLoader worker, or the program that reads its output, has ended.",
            Usual(
                "Workers on Windows without a main guard",
                "Each worker imports your file again, and would start workers itself.",
                'Put the training into a function and call it below if __name__ == "__main__":',
            ),
            Usual(
                "A worker failed first",
                "With workers, its own error may be lost.",
                "Write num_workers=0 in the DataLoader: then the error comes in the right line.",
            ),
        ),
    ),
    "spawn-lost": kind(
        "A worker that did not get its data set",
        "self = reduction.pickle.load(from_parent) EOFError: Ran out of input",
        (
            r"pickle\.load\(from_parent\)(?: [\^~]{1,80})? EOFError: Ran out of input",
            r"steal_handle\(parent_pid, pipe_handle\).{1,400}?\[WinError \d{1,4}\][^\n]{1,40}",
        ),
        fixed(
            "On Windows and macOS each worker is a new Python, to which the data set is sent. That broke off: the main "
            "program failed first.",
            Usual(
                "The data set cannot be sent",
                "A generator, a lambda, an open file or a class inside a function cannot be pickled. That error stands "
                "above this one, or below it.",
                "Make a list of a generator, put functions and classes at the top level of the file, and open files in "
                "__getitem__; or write num_workers=0.",
            ),
            Usual(
                "The main program is not guarded",
                "Each worker imports your file again, and would start workers itself.",
                'Put the training into a function and call it below if __name__ == "__main__":',
            ),
        ),
    ),
    "build-cuda": kind(
        "An extension that cannot be built with this CUDA",
        "The detected CUDA version (12.1) mismatches the version that was used to compile PyTorch (11.8).",
        (
            r"The detected CUDA version \((?P<here>[\d.]{1,8})\) mismatches the version that was used to "
            r"compile PyTorch "
            r"\((?P<built>[\d.]{1,8})\)",
            r"CUDA_HOME environment variable is not set",
            r"Ninja is required to load C\+\+ extensions",
        ),
        fixed(
            "A package with code of its own for the card is compiled on this machine, with the CUDA toolkit it finds.",
            Usual(
                "The toolkit and torch are for different CUDA versions",
                "The first number of both must be the same.",
                "Install the torch for your toolkit, with the command that pytorch.org gives; or the toolkit that "
                "torch.version.cuda names.",
                lambda found: bool(found["here"]),
            ),
            Usual(
                "The toolkit is missing",
                "torch brings the libraries of CUDA, but not its compiler nvcc.",
                "Install the CUDA toolkit and set CUDA_HOME to its folder, such as /usr/local/cuda; or install "
                "the package "
                "as a ready wheel.",
                lambda found: not found["here"],
            ),
            pieces={"here": "the CUDA of this machine", "built": "the CUDA that torch was built with"},
            alone=True,
        ),
    ),
    "shared-library": kind(
        "A library that Linux cannot load",
        "libcudart.so.11.0: cannot open shared object file: No such file or directory",
        (
            r"(?P<library>lib[\w.+-]{1,60}\.so[\d.]{0,12}): cannot open shared object file",
            r"(?P<library>lib[\w.+-]{1,60}\.so[\d.]{0,12}): undefined symbol: (?P<symbol>\w{1,120})",
            r"\.so[\d.]{0,12}: undefined symbol: (?P<symbol>\w{1,120})",
            r"Could not load library (?P<library>lib[\w.+-]{1,60}\.so[\d.]{0,12})",
        ),
        fixed(
            "A package was built for another version of CUDA or of torch, and looks for a library that is not here.",
            Usual(
                "Packages from different times",
                "torch, torchvision and extensions with code of their own must be built for one torch and one CUDA.",
                "Install them again in one command: python -m pip install --upgrade --force-reinstall torch "
                "torchvision.",
            ),
            Usual(
                "Another CUDA comes first",
                "LD_LIBRARY_PATH may lead to the libraries of another version; torch brings its own.",
                "Run unset LD_LIBRARY_PATH, then start Python again.",
            ),
            pieces={"library": "the library", "symbol": "what it lacks"},
        ),
    ),
}
