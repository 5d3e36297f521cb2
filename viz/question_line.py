"""The line under a question: start, stop, and how far it is, in words."""

import math
from collections.abc import Callable

import solara

from experiments.languages import Say
from viz import widgets
from viz.questions import Question, Told
from viz.service import SERVICE

SHORT = 45.0  # seconds that are told as less than a minute
STAGES = {
    "coalitions": ("运行各种组合", "running the combinations"),
    "search": ("搜索", "searching"),
    "fresh": ("复核", "running the finalists afresh"),
}


@solara.component
def QuestionLine(
    question: Question, told: Told, asked: bool, set_asked: Callable[[bool], None], start: str, say: Say
) -> None:
    """Start, Stop and progress of a question.

    Args:
        question: what is asked.
        told: how far it is.
        asked: whether the visitor wants it.
        set_asked: changes that.
        start: what the button says.
        say: picks the language.
    """
    running = asked and not told.over
    begun = told.done and (told.trouble or not told.over)
    widgets.Ask(
        words={
            "start": say("继续", "Go on") if begun else start,
            "stop": say("停止", "Stop"),
        },
        share=told.done / question.size,
        text=progress_words(question, told, asked, say),
        tone="lv-trouble" if told.trouble else "",
        over=told.over,
        can_start=not asked and (not told.over or bool(told.trouble)),
        can_stop=running,
        event_start=lambda *_: set_asked(True),
        event_halt=lambda *_: set_asked(False),
    )


def progress_words(question: Question, told: Told, asked: bool, say: Say) -> str:
    """How far a question is."""
    count = say(f"{told.done:,}/{question.size:,} 次运行", f"{told.done:,} of {question.size:,} runs")
    if told.trouble == "limit":
        return say(f"{count}，已达计算时限", f"{count}; the time allowed is used up")
    if told.trouble:
        return say(f"计算出错，编号 {told.trouble}", f"A run failed; reference {told.trouble}")
    if told.over:
        return say(f"{count}，完成", f"{count}; complete")
    if asked and told.waiting:
        return say("排队中，有空位即自动开始", "Waiting; it starts as soon as there is room")
    if asked:
        stage = say(*STAGES[told.stage]) if told.stage else say("等待当前预测完成", "after the forecast")
        rest = "" if told.left is None else duration(told.left, say)
        more = rest and say(f"，还需{rest}", f", {rest} left")
        return say(f"{count}，{stage}{more}", f"{count}, {stage}{more}")
    if told.done:
        return say(f"{count}，已停止", f"{count}; stopped")
    seconds = SERVICE.engine.expected(question.size)
    more = "" if seconds is None else say(f"，{duration(seconds, say)}", f", {duration(seconds, say)}")
    return say(f"约需 {question.size:,} 次运行{more}", f"takes {question.size:,} runs{more}")


def duration(seconds: float, say: Say) -> str:
    """A time in whole minutes."""
    minutes = math.ceil(seconds / 60.0)
    if seconds < SHORT:
        return say("不到1分钟", "less than 1 min")
    return say(f"约{minutes}分钟", f"about {minutes} min")
