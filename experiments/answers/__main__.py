"""`make answers`: ask the questions and write the pages; what is done already in results/answers/ is not done again.

Some questions alone: `python -m experiments.answers run compare`; the pages alone: `… --page`.
"""

import sys

from experiments.answers.asking import ask_all
from experiments.answers.writing import write_pages


def main(words: list[str]) -> None:
    """Ask and write."""
    if "--page" not in words:
        ask_all(words)
    if not words or "--page" in words:
        write_pages()


if __name__ == "__main__":
    main(sys.argv[1:])
