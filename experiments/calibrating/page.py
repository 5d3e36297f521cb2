"""The page on calibration, written from the record of one: docs/calibration.md and its Chinese twin, with figures."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from experiments.languages import LANGUAGES, Language, Say, speaker

FILES: dict[Language, str] = {"en": "calibration.md", "zh": "calibration.zh.md"}
ROLES = {
    "fit": ("拟合", "fit"),
    "alignment": ("对齐（按构造成立）", "alignment (true by construction)"),
    "check": ("检验（从未拟合）", "check (never fitted)"),
}


def page_files(told: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Pages and figures: name inside docs/, and content."""
    from experiments.figures import drawn_files
    from experiments.figures.calibration import coverage_figure, parameters_figure, targets_figure

    for language in LANGUAGES:
        yield FILES[language], page(told, language).encode()
    drawings = {"parameters": parameters_figure, "targets": targets_figure, "coverage": coverage_figure}
    for name, draw in drawings.items():
        for file, content in drawn_files(f"calibration_{name}", partial(draw, told)):
            if file.endswith(".png"):
                yield file, content


def page(told: Mapping[str, Any], language: Language) -> str:
    """The page in one language."""
    say = speaker(language)
    parts = [
        f"# {say('校准', 'Calibration')}",
        introduction(told, say),
        f"## {say('估计了什么', 'What was estimated')}",
        parameters(told, say),
        picture("parameters", say("先验与后验", "Priors and posterior"), language),
        method(told, say),
        f"## {say('与事实相比', 'Against the facts')}",
        tally(told, say),
        picture("targets", say("模拟的2021年与事实", "Simulated 2021 against the facts"), language),
        *(part for role in ROLES for part in facts(told, role, say)),
        f"## {say('恢复检验', 'Recovery')}",
        recovery(told, say),
        picture("coverage", say("90%区间的覆盖率", "Coverage of 90 % intervals"), language),
        f"## {say('由何得来', 'What it follows from')}",
        origin(told, say),
    ]
    return "\n\n".join(parts) + "\n"


def introduction(told: Mapping[str, Any], say: Say) -> str:
    """What the page is."""
    return say(
        f"本页由 `lvjin calibrate --install` 于{told['day']}写成。只用2021年及以前的事实；表 "
        "`configs/tables/calibration_targets.csv` 给出每一项的数值、容差、模型误差、来源和所涉模块。"
        "能被数据识别的参数存于 `configs/posterior.csv`，每次运行默认从中抽取（`--parameters posterior`）；"
        "其余参数保留先验，同样进入每次抽取。",
        f"Written by `lvjin calibrate --install` on {told['day']}. Only facts of 2021 and before are used; "
        "`configs/tables/calibration_targets.csv` gives each with tolerance, discrepancy, source and the part of the "
        "model "
        "that it speaks to. Parameters that the data identify stand in `configs/posterior.csv`, from which runs draw "
        "by "
        "default (`--parameters posterior`); all others keep their priors and enter every draw.",
    )


def parameters(told: Mapping[str, Any], say: Say) -> str:
    """The free parameters, and which of them are left to their priors."""
    header = [
        say("参数", "parameter"),
        say("先验 5–50–95%", "prior, 5–50–95 %"),
        say("后验", "posterior"),
        say("第二法", "second method"),
        say("收缩", "contraction"),
        say("两法一致", "methods agree"),
        say("识别", "identified"),
    ]
    rows = [
        [
            f"{say(one['name_zh'], one['name_en'])} `{one['key']}`, {one['unit']}",
            *(span(one[name]) for name in ("prior", "posterior", "second")),
            f"{one['contraction']:.2f}",
            yes(one["agree"], say),
            yes(one["identified"], say),
        ]
        for one in told["parameters"]
    ]
    unknown = [say(one["name_zh"], one["name_en"]) for one in told["parameters"] if not one["identified"]]
    least = told["settings"]["identified"]
    fitted = sum(one["role"] == "fit" for one in told["targets"])
    note = say(
        f"自由参数{len(rows)}个，拟合的事实{fitted}项。收缩为1减去后验与先验标准差之比；低于{least:g}的参数视为数据不能识别，"
        f"保留先验：{'、'.join(unknown) or '无'}。",
        f"{len(rows)} free parameters against {fitted} fitted facts. Contraction is one less the ratio of the standard "
        f"deviations of posterior and prior; below {least:g} a parameter counts as not identified and keeps its prior: "
        f"{', '.join(unknown) or 'none'}.",
    )
    return f"{table(header, rows)}\n\n{note}"


def method(told: Mapping[str, Any], say: Say) -> str:
    """How, with the waves."""
    effort, sampler = told["effort"], told["sampler"]
    rows = [
        [str(one["number"]), str(one["points"]), str(one["runs"]), f"{100 * one['left']:.0f} %", f"{one['doubt']:.2f}"]
        for one in told["waves"]
    ]
    header = [
        say("波次", "wave"),
        say("点", "points"),
        say("运行", "runs"),
        say("未排除的先验空间", "share of the priors not ruled out"),
        say("仿真器误差（以单次运行的标准差计）", "doubt of the emulator, in standard deviations of a run"),
    ]
    cut, draws = told["settings"]["cut"], effort["draws"]
    text = say(
        "历史匹配：每项拟合事实由一个高斯过程仿真；不可信度 "
        "I = max |z − E f| / √(V仿真器 + V单次运行 + V观测 + V模型误差)，"
        f"大于{cut:g}的位置被排除。容差读作90%区间的半宽。随后在未排除处用序贯蒙特卡洛近似贝叶斯计算（pyabc）直接运行模型"
        f"{sampler['runs']}次（{effort['firms']}行企业，{effort['populations']}个总体），得到{draws}个抽样；其余参数、总体和运气每次重抽。"
        "第二法为仿真器上的合成似然（emcee）。",
        "History matching: a Gaussian process emulates each fitted fact; a place is ruled out when its implausibility "
        "I = max |z − E f| / √(V emulator + V single run + V observation + V discrepancy) exceeds "
        f"{cut:g}. A tolerance is read as the half width of a 90 % interval. Where nothing is ruled out, approximate "
        f"Bayesian computation by sequential Monte Carlo (pyabc) runs the model itself {sampler['runs']} times "
        f"({effort['firms']} rows of firms, {effort['populations']} populations) and leaves {draws} draws; all other "
        "parameters, the population and the luck are drawn anew in each run. The second method is a synthetic "
        "likelihood "
        "on the emulator (emcee).",
    )
    return f"{text}\n\n{table(header, rows)}"


def tally(told: Mapping[str, Any], say: Say) -> str:
    """How many facts are met."""
    counts = []
    for role, words in ROLES.items():
        of_role = [one for one in told["targets"] if one["role"] == role]
        counts.append(f"{say(*words)} {sum(one['met'] for one in of_role)}/{len(of_role)}")
    targets = told["targets"]
    base = [one for one in targets if one["role"] != "check"]
    met, tuned = sum(one["met"] for one in targets), sum(one["met"] for one in base)
    return say(
        f"后验中位数在容差内的：{'，'.join(counts)}；"
        f"对齐与拟合合计{tuned}/{len(base)}（{100 * tuned / len(base):.0f}%），"
        f"全部{met}/{len(targets)}（{100 * met / len(targets):.0f}%）。未达到的及原因列在下面。",
        f"Posterior medians within tolerance: {', '.join(counts)}; alignment and fit together {tuned}/{len(base)} "
        f"({100 * tuned / len(base):.0f} %), all {met}/{len(targets)} ({100 * met / len(targets):.0f} %). What is "
        "missed, and why, stands below.",
    )


def facts(told: Mapping[str, Any], role: str, say: Say) -> list[str]:
    """The facts of one role."""
    header = [
        say("事实", "fact"),
        say("所涉模块", "speaks to"),
        say("公布值 ± 容差", "published ± tolerance"),
        say("先验模拟 5–50–95%", "priors simulate, 5–50–95 %"),
        say("后验模拟", "posterior simulates"),
        say("在容差内的运行", "runs within tolerance"),
        say("达到", "met"),
    ]
    chosen = [one for one in told["targets"] if one["role"] == role]
    rows = [
        [
            say(one["name_zh"], one["name_en"]),
            say(one["speaks_zh"], one["speaks_en"]),
            f"{one['fact']:g} ± {one['tolerance']:g} {one['unit']}",
            span(one["prior"]),
            span(one["posterior"]),
            f"{100 * one['within']:.0f} %",
            yes(one["met"], say),
        ]
        for one in chosen
    ]
    reasons = [
        f"- {say('未达到', 'missed')}: {say(one['name_zh'], one['name_en'])} – "
        f"{say(one['reason_zh'], one['reason_en']) or say('原因不明', 'no reason is known')}"
        for one in chosen
        if not one["met"]
    ]
    return [f"### {say(*ROLES[role])}", table(header, rows), *(["\n".join(reasons)] if reasons else [])]


def recovery(told: Mapping[str, Any], say: Say) -> str:
    """Coverage on pseudo-data."""
    header = [
        say("参数", "parameter"),
        say("序贯蒙特卡洛（95%区间）", "sequential Monte Carlo (95 % interval)"),
        say("合成似然", "synthetic likelihood"),
    ]
    rows = [
        [
            say(one["name_zh"], one["name_en"]),
            *(
                f"{100 * one[name][0]:.0f} % ({100 * one[name][1]:.0f}–{100 * one[name][2]:.0f})"
                for name in ("coverage", "coverage_second")
            ),
        ]
        for one in told["parameters"]
    ]
    number = told["effort"]["recoveries"]
    text = say(
        f"从先验取{number}组已知参数，各运行模型一次并加上观测噪声作为伪数据，再照样校准；表中是90%区间包含真值的比例。"
        "校准伪数据时由仿真器加真实运行的残差代替模型。"
        f"真值会被历史匹配排除的有{100 * told['truths_ruled_out']:.0f}%。",
        f"{number} sets of known parameters are taken from the priors; a run of the model with the noise of the facts "
        "makes pseudo-data of each, which are calibrated likewise. The table says how often the 90 % interval holds "
        "the truth. While pseudo-data are calibrated, the emulator with residuals of real runs stands for the model. "
        f"History matching would rule out {100 * told['truths_ruled_out']:.0f} % of the truths.",
    )
    return f"{text}\n\n{table(header, rows)}"


def origin(told: Mapping[str, Any], say: Say) -> str:
    """Hashes and versions."""
    libraries = ", ".join(f"{name} {number}" for name, number in told["libraries"].items())
    lines = [
        f"- {say('命令', 'command')}: `{' '.join(told['command'])}`, {say('种子', 'seed')} {told['seed']}",
        (
            f"- {say('后验', 'posterior')} SHA-256 `{told['posterior_sha256'][:16]}…`, "
            f"{say('代码', 'code')} `{told['code_sha256'][:16]}…`, "
            f"{say('数据', 'data')} `{told['data_sha256'][:16]}…`, "
            f"{say('行为指纹', 'fingerprint of behaviour')} `{told['fingerprint'][:16]}…`"
        ),
        f"- Python {told['python']}, {libraries}",
    ]
    note = say(
        "同一锁定环境与处理器上，同一命令给出逐位相同的后验；别处差别在蒙特卡洛误差之内。行为指纹由一次极小的运行算出，测试以它发现后验是否已过时。",
        "On the same lock and processor the same command gives the same posterior bit for bit, elsewhere one within "
        "Monte "
        "Carlo error. The fingerprint is that of a tiny run; a test finds out by it when the posterior belongs to an "
        "older "
        "behaviour of the model.",
    )
    return "\n".join(lines) + f"\n\n{note}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def span(values: Sequence[float]) -> str:
    """Three quantiles."""
    return " – ".join(f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}" for value in values)


def yes(answer: bool, say: Say) -> str:
    """An answer."""
    return say("是", "yes") if answer else say("**否**", "**no**")


def picture(name: str, words: str, language: Language) -> str:
    """A figure."""
    return f"![{words}](figures/calibration_{name}.{language}.png)"
