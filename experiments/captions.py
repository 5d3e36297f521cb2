"""What stands below every figure and summary: what was run, how often, with which numbers, and what to know."""

from typing import Any

from experiments.languages import Say
from experiments.results import Results
from sim.configuration.periods import PLAN_START

PARAMETERS = {
    "prior": ("参数取自先验", "parameters drawn from priors"),
    "posterior": ("参数取自后验", "parameters drawn from the posterior"),
    "central": ("参数取中值", "central parameters"),
}
INFORMATION = {
    "as_of_2021": ("仅用2021年及以前的信息", "information as of 2021"),
    "conditional": ("采用其后的实际价格与政策", "later prices, rates and policies as they came"),
}
SIZES = {
    "toy": ("玩具规模，不是预测。", "A toy size, not a forecast."),
    "benchmark": ("测速规模，不是预测。", "A benchmark size, not a forecast."),
}
WHOLE_RUN = "whole run"  # how run.json dates a structural change
MOST_CHANGES = 4  # that a caption shows
SCENARIOS = {"none": ("无区级政策", "No district policies"), "baseline": ("基准", "Baseline"), "plan": ("规划", "Plan")}


def scenario_title(name: str, say: Say) -> str:
    """A scenario's name for readers."""
    from sim.configuration.parameters import load_declarations
    from sim.configuration.scenario_files import read_scenario_file

    if name in SCENARIOS:
        return say(*SCENARIOS[name])
    root = load_declarations().root
    path = root / "scenarios" / f"{name}.yaml"
    file = read_scenario_file(path, root, [])[0] if path.exists() else None
    return say(file.name_zh, file.name_en) if file else name


def run_line(results: Results, say: Say) -> str:
    """Size, replicates, populations, parameters, information and seed, in one line."""
    facts = results.branches[0].facts
    replicates = " / ".join(dict.fromkeys(str(_done(branch.facts)) for branch in results.branches))
    firms, populations = f"{facts['firms']:,}", facts["populations"]
    parameters, information = PARAMETERS[facts["parameters"]], INFORMATION[facts["information"]]
    return say(
        f"绿津 Lvjin。{firms} 家企业，{populations} 个合成总体上重复 {replicates} 次，"
        f"{parameters[0]}，{information[0]}，种子 {facts['seed']}。",
        f"Lvjin. {firms} firms, {replicates} replicates over {populations} populations, "
        f"{parameters[1]}, {information[1]}, seed {facts['seed']}.",
    )


def warnings(results: Results, say: Say) -> list[str]:
    """What must be said beside every figure of such a run."""
    lines = []
    if results.size in SIZES:
        lines.append(say(*SIZES[results.size]))
    own = [text for text in changed(results) if not text.startswith("model.")]
    if own:
        shown = own if len(own) <= MOST_CHANGES else [*own[:MOST_CHANGES], "…"]
        lines.append(say(f"用户改动：{'、'.join(shown)}。", f"Changed by the user: {', '.join(shown)}."))
    off = mechanisms_off(results)
    if off:
        lines.append(say(f"已关闭机制：{'、'.join(off)}。", f"Mechanisms switched off: {', '.join(off)}."))
    return lines


def notes(results: Results, say: Say, *own: str) -> list[str]:
    """The lines below a figure: its own, what was run, and warnings."""
    return [*own, run_line(results, say), *warnings(results, say)]


def changed(results: Results) -> list[str]:
    """What the user changed on top of the scenarios, `KEY=VALUE` or `KEY@DATE=VALUE`."""
    found: dict[str, None] = {}
    for branch in results.branches:
        known = declared_changes(branch.name, str(branch.facts["information"]))
        for key, steps in branch.facts["changes"].items():
            if steps != known.get(key):
                for day, value in steps.items():
                    when = "" if day in (WHOLE_RUN, str(PLAN_START)) else f"@{day}"
                    found[f"{key}{when}={value:g}"] = None
    return list(found)


def declared_changes(name: str, information: str) -> dict[str, Any]:
    """The changes of a scenario of configs/scenarios/, as run.json writes them; none for another."""
    from sim.configuration.scenario_files import scenario_names
    from sim.scenario import Scenario

    if name not in scenario_names():
        return {}
    changes: dict[str, Any] = Scenario.load(name, information=information).as_dict()["changes"]
    return changes


def mechanisms_off(results: Results) -> list[str]:
    """Mechanisms that any scenario of the run has switched off."""
    off = {
        key.removeprefix("model.")
        for branch in results.branches
        for key, steps in branch.facts["changes"].items()
        if key.startswith("model.") and 0.0 in steps.values()
    }
    return sorted(off)


def _done(facts: dict[str, Any]) -> int:
    return int(facts["replicates"]) - len(facts["failures"])
