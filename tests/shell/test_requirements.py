"""What Laurel imports, against what is installed with it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Runs apart, as if nothing were installed that requirements.txt does not name.
_IMPORT_ALL = r"""
import pkgutil, re, sys
from importlib import import_module
from importlib.metadata import packages_distributions

def plain(name):
    return re.sub("[-_.]+", "-", name).lower()

lock = open("requirements.txt").read()
locked = {plain(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)} - {*sys.argv[1:]}
absent = {
    package
    for package, names in packages_distributions().items()
    if not locked & {plain(name) for name in names} and package not in sys.stdlib_module_names
} - {"bot", "commands", "storage", "assets"}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"{name} is not in requirements.txt")

sys.meta_path.insert(0, Absent())
import bot, commands, storage

for package in (bot, commands, storage):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.startswith("storage.migrations"):
            import_module(found.name)
"""


def import_all(*without: str) -> subprocess.CompletedProcess[str]:
    """Import all of Laurel with what requirements.txt names, some of it left out."""
    command = [sys.executable, "-c", _IMPORT_ALL, *without]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_all_that_is_imported_is_among_the_requirements() -> None:
    found = import_all()
    assert found.returncode == 0, found.stderr


def test_a_requirement_that_is_missing_is_noticed() -> None:
    assert "greenlet" in import_all("greenlet").stderr
