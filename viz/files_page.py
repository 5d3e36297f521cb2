"""The page Files: results and settings to take along, a link that restores them, and settings to bring back."""

from collections.abc import Callable
from typing import Any

import solara

from experiments.languages import Say
from sim.ensemble import Ensemble, combine
from sim.scenario import Scenario
from viz import widgets
from viz.engine import ensemble_of
from viz.files import (
    LARGEST,
    OWN,
    RefusedError,
    bundle,
    command,
    figures,
    named,
    read_setting,
    scenario_text,
    spreadsheet,
)
from viz.follow import Progress
from viz.view import View, address

Look = Callable[[Callable[[View], View]], None]


@solara.component
def Files(
    view: View, found: tuple[Scenario, ...], runs: tuple[Progress, ...], engine: Any, say: Say, look: Look
) -> None:
    """The page.

    Args:
        view: the setting.
        found: its scenario, and the baseline where that is another one.
        runs: how far they are.
        engine: who ran them.
        say: picks the language.
        look: changes the view.
    """
    said = command(view, found[0].firms, engine.replicates, found[0].seed)
    ready = len(runs) == len(found) and all(run.over and run.replicates for run in runs)

    def results() -> Ensemble:
        parts = [
            ensemble_of(one, list(run.replicates), engine.populations) for one, run in zip(found, runs, strict=True)
        ]
        own = named(parts[0], OWN) if view.changes else parts[0]
        return combine([own, *parts[1:]])

    with solara.Div(classes=["lv-panel", "lv-files"]):
        TakeResults(
            ready,
            lambda: bundle(results(), said),
            lambda: spreadsheet(results()),
            lambda: figures(results(), said, view.language),
            say,
        )
        TakeSetting(view, said, say)
        Bring(say, look)


@solara.component
def TakeResults(
    ready: bool, packed: Callable[[], bytes], table: Callable[[], bytes], drawn: Callable[[], bytes], say: Say
) -> None:
    """Results to take along, as soon as they are complete."""
    with solara.Div():
        heading(say("结果", "Results"))
        if not ready:
            paragraph(say("计算完成后即可下载。", "They can be taken as soon as the run is complete."))
            return
        with solara.Div(classes=["lv-buttons"]):
            download(say("数据包（zip，CSV）", "Bundle (zip of CSV)"), packed, "lvjin-results.zip", "application/zip")
            title = say("汇总表（Excel 可直接打开）", "Summary (opens in Excel)")
            download(title, table, "lvjin-summary.csv", "text/csv")
            title = say("图（zip，PNG与SVG，约需半分钟）", "Figures (zip of PNG and SVG, half a minute)")
            download(title, drawn, "lvjin-figures.zip", "application/zip")
        paragraph(
            say(
                "数据包与 lvjin run 写出的相同，图另行下载；每列的单位与含义见 datapackage.json。",
                "The bundle is that of lvjin run, its figures apart; datapackage.json describes every column.",
            )
        )


@solara.component
def TakeSetting(view: View, said: str, say: Say) -> None:
    """The setting to take along: as a file, a link and a command."""
    copying = {"copy": say("复制", "Copy"), "copied": say("已复制", "Copied")}
    with solara.Div():
        heading(say("设置", "Setting"))
        with solara.Div(classes=["lv-buttons"]):
            title = say("情景文件（YAML）", "Scenario file (YAML)")
            download(title, lambda: scenario_text(view).encode("utf-8"), "my_scenario.yaml", "application/yaml")
        paragraph(say("链接（打开即恢复当前设置）", "Link that restores the present setting"))
        widgets.CopyText(words=copying, text=address(view), link=True)
        paragraph(say("在命令行得到同样的数字", "The same numbers on the command line"))
        widgets.CopyText(words=copying, text=said, link=False)


@solara.component
def Bring(say: Say, look: Look) -> None:
    """A scenario file of the visitor's own."""
    answer, set_answer = solara.use_state(("lv-note", ""))  # how it looks and what it says, always told together

    def take(sent: Any) -> None:
        text = sent.get("text") if isinstance(sent, dict) else None
        try:
            if not isinstance(text, str):
                raise RefusedError("文件过大。The file is too large.")
            view = read_setting(text, View())
        except RefusedError as error:
            set_answer(("lv-trouble", str(error)))
            return
        look(lambda now: now.preset(view.scenario).with_changes(view.changes))
        set_answer(("lv-note", say("已采用该文件的设置。", "The setting of the file is in use.")))

    with solara.Div():
        heading(say("带入设置", "Bring a setting"))
        words = {"choose": say("选择情景文件……", "Choose a scenario file…")}
        widgets.TakeFile(words=words, largest=LARGEST, event_take=take)
        solara.v.Html(tag="p", class_=answer[0], attributes={"role": "status"}, children=[answer[1]])


def heading(text: str) -> None:
    """A heading of the page."""
    solara.v.Html(tag="h2", children=[text])


def paragraph(text: str) -> None:
    """A line of the page."""
    solara.v.Html(tag="p", class_="lv-note", children=[text])


def download(title: str, content: Callable[[], bytes], name: str, kind: str) -> None:
    """A button that makes a file when it is asked for."""
    with solara.FileDownload(content, filename=name, mime_type=kind):
        solara.v.Html(tag="button", class_="lv-button", attributes={"type": "button"}, children=[title])
