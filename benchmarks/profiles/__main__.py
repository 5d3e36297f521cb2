"""Print profiles alone: `python -m benchmarks.profiles [NAME …]`, where a name is a heading in small letters."""

import argparse

from benchmarks.profiles.index import PROFILES


def main() -> None:
    """Print those that are asked for, or all."""
    names = {profile.anchor: profile for profile in PROFILES}
    parser = argparse.ArgumentParser(prog="benchmarks.profiles", description=__doc__)
    parser.add_argument("name", nargs="*", metavar="NAME", help=", ".join(names))
    wanted = parser.parse_args().name or list(names)
    if unknown := [name for name in wanted if name not in names]:
        parser.error(f"no profile {', '.join(unknown)}: there are {', '.join(names)}")
    for name in wanted:
        for line in names[name].section():
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
