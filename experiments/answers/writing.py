"""The answers on their pages: docs/experiments.md and its Chinese twin, figures and files beside them."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from experiments.answers import choices, effects, forecasts
from experiments.answers.asking import read_record
from experiments.answers.parts import SHORT, Record
from experiments.answers.questions import FOLDER, QUESTIONS, RUN
from experiments.languages import LANGUAGES, Language, Say, speaker
from experiments.marked import replaced
from sim.results.provenance import ROOT

DOCS = ROOT / "docs"
PAGES: dict[Language, str] = {"en": "experiments.md", "zh": "experiments.zh.md"}
KEPT = "answers"  # folder of docs/ for files of answers
BEGIN, END = "<!-- answers: begin, written by `make answers` -->", "<!-- answers: end -->"
WRITERS: dict[str, Callable[[Path, Record, Say], Iterator[str]]] = {
    "run": forecasts.run,
    "compare": forecasts.compare,
    "attribute": effects.attribute,
    "mechanisms": effects.mechanisms,
    "sensitivity": effects.sensitivity,
    "discover": forecasts.discover,
    "search": choices.search,
    "strengths": choices.strengths,
    "grid": choices.grid,
    "verify": forecasts.verify,
}


def write_pages(folder: Path = FOLDER, docs: Path = DOCS) -> None:
    """Put what was answered on both pages, and figures and files beside them."""
    record = {name: one for name, one in read_record(folder).items() if one["answered"]}
    for language in LANGUAGES:
        page = docs / PAGES[language]
        text = replaced(page.read_text(encoding="utf-8"), part(folder, record, speaker(language)), BEGIN, END)
        page.write_text(text, encoding="utf-8")
    for question in [one for one in QUESTIONS if one.name in record]:
        place = folder / (question.name if question.own else Path(RUN).name)
        for name in question.figures:
            for language in LANGUAGES:
                picture = f"{name}.{language}.png"
                shutil.copyfile(place / "figures" / picture, docs / "figures" / picture)
        for name in question.kept:
            target = docs / KEPT / question.name / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place / name, target)


def part(folder: Path, record: Mapping[str, Record], say: Say) -> str:
    """All answers that are there, each with its question, command and tables."""
    lines = ["", *opening(record, say)]
    for name, writer in WRITERS.items():
        if name in record:
            lines += writer(folder / name, record[name], say)
    return "\n".join(lines)


def opening(record: Mapping[str, Record], say: Say) -> Iterator[str]:
    """What all answers have in common, and what they took."""
    codes = sorted({one["code"][:SHORT] for one in record.values()})
    posteriors = {one["posterior"][:SHORT] for one in record.values() if one["drawn"]}
    dates, loads = sorted({one["date"] for one in record.values()}), [one["load"] for one in record.values()]
    runs, minutes = sum(one["runs"] for one in record.values()), sum(one["seconds"] for one in record.values()) / 60
    source = " ".join(f"`{one}`" for one in sorted(posteriors) if one)
    drawn_zh = f"参数取自后验（{source}）" if source else "参数取自先验，因尚无后验"
    drawn_en = (
        f"parameters from the posterior ({source})" if source else "parameters from priors for want of a posterior"
    )
    yield say(
        f"默认模型：5,000家企业，至2025年，两个合成总体，{drawn_zh}（敏感性一问中，不变动的参数取中值），"
        f"仅用2021年及以前的信息，种子1。于{'、'.join(dates)}共运行{runs:,}次，用时{minutes:.0f}分钟；"
        f"开始各问时，有{min(loads):g}至{max(loads):g}个进程等待两个处理器核心。"
        f"代码的SHA-256以{'、'.join(f'`{code}`' for code in codes)}开头。"
        "括号内为95%区间；营收为2025年，亿元，现价。表格文件见[answers/](answers/)。",
        f"The default model: 5,000 firms, to 2025, two populations, {drawn_en} (in the question about assumptions, "
        f"what does not vary is central), information as of 2021, seed 1. {runs:,} runs on {' and '.join(dates)} took "
        f"{minutes:.0f} minutes; when questions were begun, {min(loads):g} to {max(loads):g} processes waited for the "
        f"two cores. The SHA-256 of the code begins with {' and '.join(f'`{code}`' for code in codes)}. Intervals in "
        "brackets are of 95 %; revenue is that of 2025 in 亿元 (100 million yuan) at current prices. Tables as files: "
        "[answers/](answers/).",
    )
    yield ""
