"""`python -m study`."""

from study.planning import imports

if __name__ == "__main__":  # before all else is imported, for `python -m` has put the working folder in front
    imports.working_folder_last()

# isort: split
from study.cli.main import entry

if __name__ == "__main__":
    entry()
