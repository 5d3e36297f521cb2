"""What stands below every figure: what was run, how often, with which numbers, and what a reader must know."""

from typing import Any

from experiments.figures.sheet import Say
from experiments.results import Results

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
SCENARIOS = {"none": ("无区级政策", "No district policies"), "baseline": ("基准", "Baseline"), "plan": ("规划", "Plan")}


def scenario_title(name: str, say: Say) -> str:
    """A scenario's name for readers."""
    from sim.parameters import load_declarations
    from sim.scenario_files import read_scenario_file

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
    parameters, information = say(*PARAMETERS[facts["parameters"]]), say(*INFORMATION[facts["information"]])
    return say(
        f"绿津 Lvjin。{firms} 家企业，{populations} 个合成总体上重复 {replicates} 次，"
        f"{parameters}，{information}，种子 {facts['seed']}。",
        f"Lvjin. {firms} firms, {replicates} replicates over {populations} populations, "
        f"{parameters}, {information}, seed {facts['seed']}.",
    )


def warnings(results: Results, say: Say) -> list[str]:
    """What must be said beside every figure of such a run."""
    lines = []
    if results.size in SIZES:
        lines.append(say(*SIZES[results.size]))
    off = mechanisms_off(results)
    if off:
        lines.append(say(f"已关闭机制：{'、'.join(off)}。", f"Mechanisms switched off: {', '.join(off)}."))
    return lines


def notes(results: Results, say: Say, *own: str) -> list[str]:
    """The lines below a figure: its own, what was run, and warnings."""
    return [*own, run_line(results, say), *warnings(results, say)]


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
