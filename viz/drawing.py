"""Draw the figures of a bundle into a zip: `python -m viz.drawing FOLDER ZIP LANGUAGE`.

A process of its own, as drawing takes seconds and would hold up the pages of all visitors.
"""

import sys
import zipfile
from pathlib import Path

from experiments.figures import figure_files
from experiments.results import Results
from viz.engine import step_back


def main() -> None:
    """Read the bundle, draw, pack."""
    folder, packed, language = sys.argv[1:]
    step_back()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in figure_files(Results.read(Path(folder)), ["zh" if language == "zh" else "en"]):
            archive.writestr(name, content)


if __name__ == "__main__":
    main()
