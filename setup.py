"""What pyproject.toml cannot say: the app's own files travel in the package, and stay at the top of the project.

Streamlit, and whoever reads the project, expect `app.py` and `pages/` at the top. In a wheel they lie in
`layerscope/site/`, where the command `layerscope` finds them.
"""

from pathlib import Path
from shutil import copyfile

from setuptools import setup
from setuptools.command.build_py import build_py

TOP = Path(__file__).parent
SITE = Path("layerscope") / "site"


def site_files() -> list[Path]:
    """The app's files, relative to the top of the project."""
    found = [TOP / "app.py", *sorted((TOP / "pages").glob("*.py")), TOP / ".streamlit" / "config.toml"]
    return [path.relative_to(TOP) for path in found]


class BuildWithSite(build_py):
    """Copies the app's files beside the package's, except for an editable install, which uses them where they are."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for path in site_files():
            target = Path(self.build_lib) / SITE / path
            target.parent.mkdir(parents=True, exist_ok=True)
            copyfile(TOP / path, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        copied = [] if self.editable_mode else [str(Path(self.build_lib) / SITE / path) for path in site_files()]
        return [*super().get_outputs(include_bytecode), *copied]


setup(cmdclass={"build_py": BuildWithSite})
