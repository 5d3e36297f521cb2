"""The policymaker's application: one page that holds a visitor's view, follows the runs it asks for, and shows them.

Composition only. All state of a visitor lives in `Page`, so nothing is shared between two of them but the engine's
results, which depend on settings alone.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import solara

from experiments.languages import Say, speaker
from sim.configuration.problems import ConfigError
from sim.scenario import Scenario
from viz import cards, widgets
from viz.about_page import About
from viz.answers import Answers, shared_answers
from viz.asked import use_visitor
from viz.compare_page import Compare, settings
from viz.files_page import Files
from viz.find_page import Find
from viz.follow import Snapshot, follow
from viz.forecast_page import Costs, Forecast
from viz.frame_words import LOOK, NAME, PAGE_NAMES, SUBTITLE
from viz.indicators_page import Indicators
from viz.map_page import Map
from viz.service import SERVICE
from viz.view import View, address, read_view, scenario_of
from viz.why_page import Why

Look = Callable[[Callable[[View], View]], None]  # changes the view that holds when it is called
LOG = logging.getLogger("lvjin.app")


@solara.component
def Page() -> None:
    """Everything; an error inside becomes a sentence with a reference."""
    solara.Style(LOOK)
    error, again = solara.use_exception()
    if error is not None:
        Broken(error, again)
    else:
        Visit()


@solara.component
def Visit() -> None:
    """One visitor's page."""
    search = solara.use_router().search
    view, set_view = solara.use_state(solara.use_memo(lambda: read_view(search), []))
    tries, set_tries = solara.use_state(0)  # how often the visitor let a run go on
    halted, set_halted = solara.use_state(())  # the setting that the visitor stopped; any other runs
    visitor = use_visitor()
    say = speaker("zh" if view.language == "zh" else "en")
    found, problem = solara.use_memo(lambda: scenarios_of(view), [view.scenario, view.changes, view.until])
    setting = (view.scenario, view.changes, view.until)
    stopped = halted == setting
    compared = solara.use_memo(
        lambda: tuple(setting_scenario(one, view) for one in settings(view)), [setting, view.saved]
    )
    wanted = tuple(dict.fromkeys((*found, *(compared if view.page == "compare" else ()))))
    snapshot = use_snapshot(wanted, stopped, tries)

    def halt(stop: bool) -> None:
        set_halted(setting if stop else ())
        if not stop:
            set_tries(lambda before: before + 1)

    there = {run.digest: run for run in snapshot.runs}
    told, settling = use_told(found, snapshot)
    with solara.Div(classes=["lv-page"]):
        Top(view, set_view, say)
        with solara.Div(classes=["lv-body", f"lv-page-{view.page}"]):
            if view.page != "about":
                LeverPanel(view, set_view, told, say)
            with solara.Div(classes=["lv-main"], attributes={"role": "region", "aria-label": say("结果", "Results")}):
                if problem:
                    solara.v.Html(tag="p", class_="lv-trouble", attributes={"role": "alert"}, children=[problem])
                if view.page != "about":
                    Progress(snapshot, found, stopped, halt, say)
                if view.page == "forecast":
                    Forecast(view, told, settling, say, lambda **words: set_view(lambda now: now.turned(**words)))
                elif view.page == "indicators":
                    own = there.get(found[0].digest())
                    over = own.over if own else False
                    Indicators(found[0], own.replicates if own else (), SERVICE.engine.populations, over, say)
                elif view.page == "why":
                    runs = [there[one.digest()].replicates if one.digest() in there else () for one in found]
                    against = found[1] if len(found) > 1 else without_policies(view)
                    Why(view, (found[0], against), told, runs[0], runs[1] if len(runs) > 1 else (), visitor, say)
                elif view.page == "map":
                    Map(view, (found[0], without_policies(view)), say, set_view)
                elif view.page == "compare":
                    replicates = [there[one.digest()].replicates if one.digest() in there else () for one in compared]
                    Compare(view, compared, replicates, SERVICE.engine.populations, say, set_view)
                elif view.page == "find":
                    Find(view, visitor, say, set_view)
                elif view.page == "files":
                    runs = tuple(there[one.digest()] for one in found if one.digest() in there)
                    Files(view, found, runs, SERVICE.engine, say, set_view)
                else:
                    About(found[0], SERVICE.engine.replicates, SERVICE.engine.populations, say)


@solara.component
def Top(view: View, look: Look, say: Say) -> None:
    """The bar with pages and languages."""
    widgets.Bar(
        words={
            "name": say(*NAME),
            "subtitle": say(*SUBTITLE),
            "pages": say("页面", "Pages"),
            "language": say("语言", "Language"),
            "skip": say("跳到结果", "Skip to the results"),
            "title": say("绿津 · 江津区绿色产业政策模拟", "Lvjin, green industry of Jiangjin"),
        },
        pages=[{"name": name, "title": say(*title), "chosen": name == view.page} for name, title in PAGE_NAMES.items()],
        language=view.language,
        address=address(view),
        event_open=lambda name: look(lambda now: now.turned(page=str(name))),
        event_speak=lambda language: look(lambda now: now.turned(language=str(language))),
    )


@solara.component
def LeverPanel(view: View, look: Look, told: Answers | None, say: Say) -> None:
    """The levers and what they cost."""

    def move(found: Any) -> None:
        if isinstance(found, dict):
            look(lambda now: now.put(str(found.get("key")), found.get("value")))

    with solara.Div(classes=["lv-side"]):
        widgets.Levers(
            words={
                "levers": say("政策杠杆", "Levers"),
                "presets": say("预设情景", "Scenarios"),
                "search": say("查找政策……", "Find a policy…"),
                "reset": say("全部还原", "Put all back"),
                "none": say("没有匹配的政策。", "No policy matches."),
                "about": say("说明：", "About"),
                "back": say("还原为", "back to"),
                "bounds": say("范围", "Bounds"),
            },
            presets=cards.presets(view, say),
            sections=cards.sections(view, say),
            n_moved=len(view.moved_keys()),
            event_choose=lambda name: look(lambda now: now.preset(str(name))),
            event_move=move,
            event_put_back=lambda key: look(lambda now: now.put_back(str(key))),
            event_reset=lambda *_: look(lambda now: replace(now, changes=())),
        )
        Costs(told, say)


@solara.component
def Progress(
    snapshot: Snapshot, found: tuple[Scenario, ...], stopped: bool, set_stopped: Callable[[bool], None], say: Say
) -> None:
    """How far the run is, who shares the machine, and Stop."""
    run = next((run for run in snapshot.runs if run.digest == found[0].digest()), None)
    n, wanted = (len(run.replicates), run.wanted) if run else (0, SERVICE.engine.replicates)
    over = bool(snapshot.runs) and all(one.over for one in snapshot.runs) and run is not None
    trouble = next((one.trouble for one in snapshot.runs if one.trouble), "")
    text, tone = progress_text(n, wanted, snapshot, stopped, trouble, say), "lv-trouble" if trouble else ""
    widgets.ProgressLine(
        words={"stop": say("停止", "Stop"), "go_on": say("继续", "Go on")},
        run=found[0].digest()[:12],
        share=n / wanted,
        text=text,
        tone=tone,
        over=over,
        can_stop=not (over or stopped),
        can_go_on=stopped or bool(trouble),
        event_halt=lambda *_: set_stopped(True),
        event_go_on=lambda *_: set_stopped(False),
    )


def progress_text(n: int, wanted: int, snapshot: Snapshot, stopped: bool, trouble: str, say: Say) -> str:
    """How far the run is, in a line."""
    count = say(f"{n}/{wanted} 次重复", f"{n} of {wanted} replicates")
    if trouble == "limit":
        return say(f"{count}，已达计算时限", f"{count}; the time allowed is used up")
    if trouble:
        return say(
            f"计算出错，请联系管理员并告知编号 {trouble}",
            f"The run failed; tell the operator this reference: {trouble}",
        )
    if stopped:
        return say(f"{count}，已停止", f"{count}; stopped")
    if snapshot.waiting:
        return say(
            f"排队中：已有 {snapshot.sharing} 项计算，有空位即自动开始",
            f"Waiting: {snapshot.sharing} runs are at work; yours starts as soon as there is room",
        )
    if n == wanted:
        return say(f"{count}，完成", f"{count}; complete")
    others = max(0, snapshot.sharing - len(snapshot.runs))
    return (
        count
        if not others
        else say(f"{count}，与另外 {others} 项计算共用机器", f"{count}; sharing the machine with {others} more runs")
    )


@solara.component
def Broken(error: Exception, again: Callable[[], None]) -> None:
    """What a visitor sees of an error: a sentence and a reference; the traceback is in the log."""
    reference = solara.use_memo(lambda: logged(error), [error])
    with solara.Div(classes=["lv-broken"]):
        sentence = f"页面出错，请重试；若再次发生，请告知管理员编号 {reference}。"
        solara.v.Html(tag="p", children=[sentence])
        sentence = (
            f"Something went wrong. Try again; if it happens again, tell the operator this reference: {reference}."
        )
        solara.v.Html(tag="p", children=[sentence])
        solara.Button("重试 Try again", on_click=again)


def logged(error: Exception) -> str:
    """Write an error to the log; return its reference."""
    reference = uuid.uuid4().hex[:8]
    LOG.error("page error, reference %s", reference, exc_info=error)
    return reference


def scenarios_of(view: View) -> tuple[tuple[Scenario, ...], str]:
    """What is run for a view: its scenario and the baseline, where they differ; and what is wrong, if anything."""
    firms, seed = SERVICE.firms, SERVICE.seed
    baseline = scenario_of("baseline", (), view.until, firms, seed)
    try:
        own, problem = scenario_of(view.scenario, view.changes, view.until, firms, seed), ""
    except ConfigError as error:
        own, problem = scenario_of(view.scenario, (), view.until, firms, seed), f"设置无效 Not allowed: {error}"
    same = own.changes == baseline.changes
    return ((own,) if same else (own, baseline)), problem


def without_policies(view: View) -> Scenario:
    """The scenario without district policies over the present horizon."""
    return scenario_of("none", (), view.until, SERVICE.firms, SERVICE.seed)


def setting_scenario(one: View, view: View) -> Scenario:
    """The scenario of a setting that is compared, over the present horizon; its preset where its levers clash."""
    try:
        return scenario_of(one.scenario, one.changes, view.until, SERVICE.firms, SERVICE.seed)
    except ConfigError:
        return scenario_of(one.scenario, (), view.until, SERVICE.firms, SERVICE.seed)


def use_snapshot(found: tuple[Scenario, ...], stopped: bool, tries: int) -> Snapshot:
    """How far the runs of a view are; they go on only while this page looks."""
    snapshot, set_snapshot = solara.use_state(Snapshot())

    def watch() -> Callable[[], None] | None:
        if stopped:
            return None
        gone = threading.Event()
        arguments = (SERVICE.engine, found, gone, set_snapshot)
        threading.Thread(target=follow, args=arguments, name="follow", daemon=True).start()
        return gone.set

    solara.use_effect(watch, [tuple(one.digest() for one in found), stopped, tries])
    return snapshot


def use_told(found: tuple[Scenario, ...], snapshot: Snapshot) -> tuple[Answers | None, bool]:
    """What the runs say; that of the former setting, and True, until the present one has a replicate."""
    kept = solara.use_ref(None)
    runs = {run.digest: run.replicates for run in snapshot.runs}
    own = runs.get(found[0].digest(), ())
    others = runs.get(found[1].digest(), ()) if len(found) > 1 else ()
    told = solara.use_memo(
        lambda: shared_answers(found[0], own, others, SERVICE.engine.populations),
        [found[0].digest(), len(own), len(others)],
    )
    if told is not None:
        kept.current = told
    return kept.current, told is None and kept.current is not None
