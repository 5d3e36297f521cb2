"""A brief from a bundle: one HTML file in both languages, with its pictures inside, that opens without a network."""

import base64
import html
from collections.abc import Iterator
from pathlib import Path

from experiments.captions import run_line
from experiments.figures import FIGURES
from experiments.languages import LANGUAGES, Language, speaker
from experiments.results import Results
from experiments.summary import Section, headline, notices, sections
from sim.results.atomic import Folder
from sim.results.provenance import version

FILE = "report.html"
TITLES = {"zh": "江津绿色产业发展模拟简报", "en": "Green industry of Jiangjin: a brief from simulations"}
NAMES = {"zh": "中文", "en": "English"}
CODES = {"zh": "zh-CN", "en": "en"}
STYLE = """
:root { color-scheme: light; --ink: #1d2527; --soft: #5c6769; --faint: #d9dedd; --mark: #00798c; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; color: var(--ink); background: #fff;
  font: 16px/1.6 "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.3; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.5rem; border-bottom: 1px solid var(--faint); text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid var(--soft); }
.scroll { overflow-x: auto; } img { max-width: 100%; height: auto; }
.note, footer { color: var(--soft); font-size: 0.9rem; }
.lead { font-size: 1.1rem; border-left: 4px solid var(--mark); padding-left: 0.8rem; }
input[name=language] { position: absolute; opacity: 0; }
label { display: inline-block; padding: 0.2rem 0.9rem; border: 1px solid var(--faint); cursor: pointer; }
#in-zh:checked ~ nav label[for=in-zh], #in-en:checked ~ nav label[for=in-en] { background: var(--mark); color: #fff; }
#in-zh:focus-visible ~ nav label[for=in-zh], #in-en:focus-visible ~ nav label[for=in-en] { outline: 3px solid #edae49; }
main { display: none; } #in-zh:checked ~ main[lang=zh-CN], #in-en:checked ~ main[lang=en] { display: block; }
@media print { nav { display: none; } main { display: block !important; break-before: page; } }
"""


def write_report(folder: Path) -> Path:
    """Write the brief of a bundle into its folder; return the file.

    Args:
        folder: of a bundle with its figures, as `lvjin run` leaves it.

    Raises:
        OSError: no bundle lies there, or it cannot be read or written.
    """
    content = page(Results.read(folder), folder)
    with Folder(folder) as into:
        into.write(FILE, content.encode())
        into.publish()
    return folder / FILE


def page(results: Results, folder: Path) -> str:
    """The whole page; every text is escaped, every picture stands inside."""
    switches = "".join(
        f'<input type="radio" name="language" id="in-{language}"{" checked" if language == "zh" else ""}>'
        for language in ("zh", "en")
    )
    labels = "".join(f'<label for="in-{language}">{NAMES[language]}</label>' for language in ("zh", "en"))
    bodies = "\n".join("\n".join(body(results, folder, language)) for language in LANGUAGES)
    title = html.escape(" / ".join(TITLES[language] for language in ("zh", "en")))
    return (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{switches}\n<nav>{labels}</nav>\n"
        f"{bodies}\n</body>\n</html>\n"
    )


def body(results: Results, folder: Path, language: Language) -> Iterator[str]:
    """The brief in one language."""
    say = speaker(language)
    yield f'<main lang="{CODES[language]}">\n<h1>{html.escape(TITLES[language])}</h1>'
    for line in headline(results, say):
        yield f'<p class="lead">{html.escape(line)}</p>'
    for section in sections(results, say):
        yield from table(section)
    for name in FIGURES:
        picture = folder / "figures" / f"{name}.{language}.png"
        if picture.exists():
            yield image(picture, say(f"图：{name}", f"Figure: {name}"))
    yield f"<h2>{say('怎样读', 'How to read this')}</h2>"
    yield from (f'<p class="note">{html.escape(line)}</p>' for line in notices(results, say))
    yield f"<footer><p>{html.escape(run_line(results, say))} {html.escape(version())}</p></footer>\n</main>"


def table(section: Section) -> Iterator[str]:
    """A section as a table."""
    yield f"<h2>{html.escape(section.title)}</h2>"
    if section.rows:
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in section.header)
        yield f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>'
        for first, *others in section.rows:
            cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in others)
            yield f'<tr><th scope="row">{html.escape(first)}</th>{cells}</tr>'
        yield "</tbody></table></div>"
    yield from (f'<p class="note">{html.escape(note)}</p>' for note in section.notes)


def image(path: Path, words: str) -> str:
    """A picture that stands inside the page."""
    content = base64.b64encode(path.read_bytes()).decode()
    return f'<p><img alt="{html.escape(words)}" src="data:image/png;base64,{content}"></p>'
