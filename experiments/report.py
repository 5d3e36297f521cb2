"""A brief from a bundle: one HTML file in both languages, with its pictures inside, that opens and prints offline."""

import base64
import html
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.captions import run_line, scenario_title
from experiments.figures import FIGURES
from experiments.indicator_words import BASIS_SIGNS, LIGHTS, light, range_words, target_words, told
from experiments.languages import LANGUAGES, Language, Say, speaker
from experiments.report_drivers import drivers
from experiments.report_money import payers, programmes, unit_costs, winners
from experiments.report_style import STYLE
from experiments.results import Results
from experiments.summary import (
    Section,
    alignment_section,
    base_notes,
    chance_section,
    notices,
    other_section,
    revenue_section,
    sections,
)
from sim.results.atomic import Folder
from sim.results.provenance import version

FILE = "report.html"
TITLES = {"zh": "江津绿色产业发展模拟简报", "en": "Green industry of Jiangjin: a brief from simulations"}
NAMES = {"zh": "中文", "en": "English"}
CODES = {"zh": "zh-CN", "en": "en"}
PERCENT = 100.0
WIDTH, COLOURS = 1440, 128  # of a picture inside the page: 210 dots per inch on A4
ANNEX = ("target_chance", "revenue_clusters", "adoption", "certificates", "by_products", "policy_cost")
MOST_KEPT = 14  # rows of a table that stays on one page
FIGURE_WORDS = {
    "revenue_fan": ("绿色产业营收的历年与预测区间", "Green revenue with its forecast band"),
    "target_chance": ("达到目标的概率", "Chance of the target"),
    "revenue_clusters": ("按集群的绿色产业营收", "Green revenue by cluster"),
    "revenue_bridge": ("从2021年到目标年份的营收分解", "Revenue from 2021 to the target's year, term by term"),
    "indicators": ("规划十八项指标", "The eighteen indicators"),
    "adoption": ("企业采用的绿色技术", "Options in use"),
    "certificates": ("绿色认证", "Certificates"),
    "by_products": ("副产品循环利用", "By-products"),
    "policy_cost": ("区级政策支出", "Spending of the district"),
    "reasons": ("企业为何没有启动改造", "Why firms started no retrofit"),
}


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
    bodies = "\n".join("\n".join(body(results, folder, language)) for language in LANGUAGES[::-1])
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
    """The brief in one language: what comes out, what drives it, who pays, what to beware of."""
    say = speaker(language)

    def figures(*names: str) -> Iterator[str]:
        for name in names:
            picture = folder / "figures" / f"{name}.{language}.png"
            if picture.exists():
                yield image(picture, say(*FIGURE_WORDS[name]))

    def part(title: str, *pieces: Section | None) -> Iterator[str]:
        yield f"<h2>{html.escape(title)}</h2>"
        for piece in pieces:
            if piece is not None:
                yield from table(piece)

    yield f'<main lang="{CODES[language]}">\n<h1>{html.escape(TITLES[language])}</h1>'
    yield f'<p class="sub">{html.escape(run_line(results, say))}</p>'
    if results.year == 0:
        yield from table(sections(results, say)[0])
        yield f"{caveats(results, folder, say)}</main>"
        return
    standard = results.size == "standard"
    if standard and len(results.base_dependence):
        yield cards(results, say)
        yield from part(say("一、目标能否达到", "1. Will the target be reached?"))
        yield from figures("revenue_fan")
        yield from table(chance_section(results, say))
        yield from table(revenue_section(results, say))
    if standard and len(told(results.indicators)):
        yield from part(say("二、十八项指标", "2. The eighteen indicators"))
        yield from lights(results, say)
    yield from part(say("三、什么在推动", "3. What drives it"))
    yield from figures("revenue_bridge")
    found = drivers(folder, results, say)
    yield from () if found is None else table(found)
    yield from figures("reasons")
    yield from table(other_section(results, say))
    yield from part(say("四、谁出钱，谁受益", "4. Who pays, who gains"), payers(results, say), programmes(results, say))
    if len(results.costs):
        yield from table(unit_costs(results, say))
    gains = winners(folder, results, say)
    yield from () if gains is None else table(gains)
    yield caveats(results, folder, say)
    pictures = list(figures(*ANNEX))
    if pictures:
        yield f'<h2 class="annex">{html.escape(say("附：更多图", "More figures"))}</h2>'
    yield from pictures
    yield "</main>"


def cards(results: Results, say: Say) -> str:
    """The headline: revenue and the chance of the target by scenario."""
    revenue, odds = revenue_section(results, say).rows, chance_section(results, say).rows
    target = f"{results.target:g} 亿元"
    wanted = say(f"达到{target}的概率 ", f"Chance of {target}: ")
    measured = say(f"{results.year}年绿色产业营收", f"green revenue in {results.year}")
    found = []
    for place, branch in enumerate(results.branches):
        middle, _, spread = revenue[0][place + 2].partition(" ")
        lines = [
            f"<span>{html.escape(scenario_title(branch.name, say))}</span>",
            f"<b>{html.escape(middle)} 亿元</b>",
            f"<span>{html.escape(measured)} {html.escape(spread)}</span>",
            f'<span class="odds">{html.escape(wanted)}<strong>{html.escape(odds[0][place + 1])}</strong></span>',
        ]
        found.append(f'<div class="card">{"".join(lines)}</div>')
    note = say(
        "规划口径（九个集群），现价；括号内为5%–95%区间，概率后为95%置信区间。制造业口径见第一部分。",
        "Scope of the plan (nine clusters), current prices; in brackets the 5–95 % band, after the chance its 95 % "
        "interval. Manufacturing alone: part 1.",
    )
    return f'<div class="cards">{"".join(found)}</div><p class="note">{html.escape(note)}</p>'


def lights(results: Results, say: Say) -> Iterator[str]:
    """The indicators as a table with traffic lights, told apart by shape and word as well."""
    rows = told(results.indicators)
    head = ["", say("目标", "target"), *(scenario_title(branch.name, say) for branch in results.branches)]
    yield _head(head).replace("<table>", '<table class="lights">')
    for row in rows.drop_duplicates("indicator").itertuples():
        same = rows[rows["indicator"] == row.indicator].set_index("scenario")
        cells = "".join(f"<td>{lit(same.loc[branch.name], say)}</td>" for branch in results.branches)
        name = html.escape(f"{row.row} {say(str(row.name_zh), str(row.name_en))}")
        yield f'<tr><th scope="row">{name}</th><td>{html.escape(target_words(row, say))}</td>{cells}</tr>'
    yield "</tbody></table></div>"
    zh, en = ([f"{one.sign} {one.name[k]}" for one in LIGHTS] for k in (0, 1))
    note = say(
        f"{'、'.join(zh)}（概率以三分之二与三分之一为界）；* 概率部分基于假设，** 全凭假设。"
        f"小字为{results.target_year}年中位数（5%–95%）。",
        f"{', '.join(en)}, with limits at two thirds and one third; * the chance rests in part, ** wholly on "
        f"assumptions. Small: median (5–95 %) of {results.target_year}.",
    )
    yield f'<p class="note">{html.escape(note)}</p>'


def lit(row: Any, say: Say) -> str:
    """Light, chance and forecast of one indicator."""
    spread = f'<span class="range">{html.escape(range_words(row))}</span>'
    step = light(row.p_hit)
    if step is None:
        return spread
    chance = f"{PERCENT * row.p_hit:.0f} %{BASIS_SIGNS[row.p_hit_basis]}"
    mark = f'<i style="color:{step.colour}" title="{html.escape(say(*step.name))}">{step.sign}</i>'
    return f'<span class="light">{mark}{html.escape(chance)}</span>{spread}'


def caveats(results: Results, folder: Path, say: Say) -> str:
    """What must be known before anything is quoted, and what made these numbers."""
    lines = [*notices(results, say), *base_notes(results, say), *(say(*words) for words in LIMITS.items())]
    found = [f"<h2>{html.escape(say('五、引用之前', '5. Before you quote this'))}</h2><ul>"]
    found += [f"<li>{html.escape(line)}</li>" for line in dict.fromkeys(lines)]
    found += ["</ul>", *(table(alignment_section(results, say)) if results.year else ())]
    record = json.loads((folder / "run.json").read_bytes())
    made = f"{record['code']['sha256'][:12]} · {record['settings_sha256'][:12]} · {record['data_sha256'][:12]}"
    words = say("代码、配置、数据的SHA-256（前12位）", "SHA-256 of code, configuration and data (12 digits)")
    command = " ".join(record["command"])
    found.append(f"<footer><p>Lvjin {html.escape(version())} · {html.escape(words)}: {html.escape(made)}<br>")
    found.append(f"{html.escape(command)}</p></footer>")
    return "\n".join(found)


LIMITS = {
    "这是情景下的模拟，不是承诺：企业、网络与运气都是合成的，区间只含模型所知的不确定性。": (
        "These are simulations under scenarios, not promises: firms, networks and luck are synthetic, and bands hold "
        "only the uncertainty that the model knows of."
    ),
    "信息截至2021年底；其后的价格、疫情与国家政策未知，除非另行注明。": (
        "Information ends with 2021: later prices, the course of the pandemic and national policies are unknown, "
        "unless it says otherwise."
    ),
    "规划没有写明的力度取假设值。情景之差是整个情景之差：企业争用同一资金池与市场，勿把单个企业的变化相加。": (
        "Strengths that the plan does not name are assumed. Differences are those of whole scenarios: firms compete "
        "for the same purses and markets, so never add up firms."
    ),
}


def table(section: Section) -> Iterator[str]:
    """A section as a table with its title and notes; a short one is not cut on paper."""
    kept = ' class="keep"' if len(section.rows) <= MOST_KEPT else ""
    yield f"<section{kept}><h3>{html.escape(section.title)}</h3>"
    if section.rows:
        yield _head(section.header)
        for first, *others in section.rows:
            cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in others)
            yield f'<tr><th scope="row">{html.escape(first)}</th>{cells}</tr>'
        yield "</tbody></table></div>"
    yield from (f'<p class="note">{html.escape(note)}</p>' for note in section.notes)
    yield "</section>"


def _head(cells: list[str]) -> str:
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in cells)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>'


def image(path: Path, words: str) -> str:
    """A picture that stands inside the page."""
    content = base64.b64encode(slim(path)).decode()
    return f'<figure><img alt="{html.escape(words)}" src="data:image/png;base64,{content}"></figure>'


def slim(path: Path) -> bytes:
    """A picture as sharp as paper shows it and in as many colours as it has, in a quarter of its bytes."""
    from PIL import Image  # matplotlib brings it

    stream = io.BytesIO()
    with Image.open(path) as picture:
        plain = picture.convert("RGB")
        if plain.width > WIDTH:
            plain = plain.resize((WIDTH, round(plain.height * WIDTH / plain.width)), Image.Resampling.LANCZOS)
        plain.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()


assert set(FIGURE_WORDS) == set(FIGURES), "every figure has words for those who cannot see it"
