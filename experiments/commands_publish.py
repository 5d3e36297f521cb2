"""`lvjin publish` seals a folder of results; `lvjin verify` holds it against its seal and makes sampled rows again."""

from pathlib import Path

import typer

from experiments.progress import reporter
from experiments.sealing import differences, read_seal, seal

BROKEN = 5
MOST_TOLD = 10


def publish(folder: Path, *, quiet: bool = False) -> int:
    """Add dictionary, methods, and what is missing of figures and the report, then seal; return the exit code.

    Raises:
        ConfigError: no results lie there.
        OSError: the folder cannot be read or written.
    """
    from sim.configuration.problems import Problem, refuse_if
    from sim.results.provenance import revision, version

    records = ("run.json", "sweep.json", "answer.json")
    if not any((folder / name).exists() for name in records):
        refuse_if([Problem(str(folder), None, "", "no results", "a folder that `lvjin` wrote")])
    with reporter(quiet) as tell:
        _describe(folder)
        if (folder / "run.json").exists() and (folder / "quarters.csv").exists():
            count = tell.counter("图与简报 figures and report")
            _complete(folder)
            count(1, 1)
        content = seal(folder, {"project": "lvjin", "version": version(), "sealed_by": revision()})
    if not quiet:
        typer.echo(f"已封存 {len(content['files'])} 个文件 files sealed: {folder}/")
        typer.echo(f"SHA-256 {content['sha256']}")
    return 0


def _describe(folder: Path) -> None:
    """Write the data dictionary and the methods."""
    from experiments.publishing import DICTIONARY, METHODS, dictionary, methods
    from sim.results.atomic import Folder

    with Folder(folder) as into:
        if (folder / "datapackage.json").exists():
            into.write(DICTIONARY, dictionary(folder).encode())
        into.write(METHODS, methods(folder).encode())
        into.publish()


def _complete(folder: Path) -> None:
    """Draw the figures that a saved bundle lacks, and write the report."""
    from experiments.figures import figure_files, figure_names
    from experiments.report import write_report
    from experiments.results import Results
    from sim.results.atomic import Folder

    results = Results.read(folder)
    if any(not (folder / name).exists() for name in figure_names(results)):
        with Folder(folder) as into:
            for name, content in figure_files(results):
                into.write(name, content)
            into.publish()
    write_report(folder)


def verify(folder: Path, sample: int = 3, seed: int = 1, *, quiet: bool = False) -> int:
    """Hold a folder against its seal, and make rows of it again; return the exit code, 5 where something differs.

    Args:
        folder: that `lvjin publish` sealed.
        sample: how many rows are run again.
        seed: which ones.
        quiet: say nothing but errors.

    Raises:
        ConfigError: no seal, or rows that cannot be run again here.
    """
    wrong = differences(folder, read_seal(folder))
    for difference in wrong[:MOST_TOLD]:
        typer.echo(f"{difference.name}: {difference.what} 与封存不符 not as it was sealed", err=True)
    if wrong:
        typer.echo(f"{len(wrong)} 个文件与封存不符 files are not as they were sealed.", err=True)
        return BROKEN
    if not quiet:
        typer.echo("所有文件与封存一致 All files are as they were sealed.")
    return _made_again(folder, sample, seed, quiet) if sample else 0


def _made_again(folder: Path, sample: int, seed: int, quiet: bool) -> int:
    from experiments.commands_sweep import warm_up_with
    from experiments.rerunning import rows_of, sampled

    chosen = sampled(rows_of(folder), sample, seed)
    differing = []
    with reporter(quiet) as tell:
        warm_up_with(tell)
        count = tell.counter("重算 running again")
        for done, row in enumerate(chosen, 1):
            if sorted(row.again()) != sorted(row.published):
                differing.append(row.name)
            count(done, len(chosen))
    for name in differing:
        typer.echo(f"{name}: 重算结果不同 another result when run again", err=True)
    if not quiet and not differing:
        typer.echo(f"{len(chosen)} 行重算，字节相同 rows run again, the same bytes.")
    return BROKEN if differing else 0
