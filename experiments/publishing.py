"""What a published folder says of itself: a data dictionary and the methods, in both languages, as Markdown."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.captions import INFORMATION, PARAMETERS
from sim.results.provenance import version

DICTIONARY, METHODS = "DICTIONARY.md", "METHODS.md"
SHORT = 12


def dictionary(folder: Path) -> str:
    """Every column of every table of the folder: type, unit and meaning, from its data package."""
    package = json.loads((folder / "datapackage.json").read_bytes())
    lines = ["# 数据字典 Data dictionary", ""]
    lines += ["由 datapackage.json 生成，每个文件的每一列。From datapackage.json: every column of every file.", ""]
    for resource in package["resources"]:
        lines += list(_resource(resource))
    return "\n".join(lines)


def _resource(resource: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {resource['path']}"
    yield ""
    yield f"{resource['title']}. {resource['description']}"
    yield ""
    keys = resource["schema"].get("primaryKey") or []
    if keys:
        yield f"键 Key: {', '.join(f'`{key}`' for key in keys)}"
        yield ""
    yield "| 列 column | 类型 type | 单位 unit | 含义 meaning |"
    yield "| --- | --- | --- | --- |"
    for column in resource["schema"]["fields"]:
        cells = (f"`{column['name']}`", column["type"], column.get("unit", ""), column.get("title", ""))
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def methods(folder: Path) -> str:
    """How the numbers were made: model, what was run, uncertainty, provenance, and how to make them again."""
    parts = ["# 方法 Methods", "", MODEL, "## 运行 What was run", "", *_story(folder), "", UNCERTAINTY]
    parts += ["## 出处与复算 Provenance and reproduction", "", *_provenance(folder), ""]
    return "\n".join(parts)


def _story(folder: Path) -> Iterator[str]:
    if (folder / "run.json").exists():
        record = json.loads((folder / "run.json").read_bytes())
        for facts in record["scenarios"]:
            parameters, information = PARAMETERS[facts["parameters"]], INFORMATION[facts["information"]]
            failed = len(facts["failures"])
            yield (
                f"- `{facts['name']}`: {facts['firms']:,} 家企业 firms, 2021Q1–{facts['until']}, "
                f"{facts['replicates']} 次重复 replicates (失败 failed {failed}), {facts['populations']} 个合成总体 "
                f"populations, 种子 seed {facts['seed']}; {parameters[0]} {parameters[1]}; "
                f"{information[0]} {information[1]}."
            )
    elif (folder / "sweep.json").exists():
        record = json.loads((folder / "sweep.json").read_bytes())
        yield f"- {record['name_zh']} {record['name_en']}: {record['question_zh']} {record['question_en']}"
        file = record["design"]
        yield (
            f"- {record['kind']}, {record['runs']:,} 次运行 runs, {file['firms']:,} 家企业 firms, "
            f"2021Q1–{file['until']}, 每点 {file['replicates']} 次重复 replicates of each point, "
            f"种子 seed {file['seed']}. runs.csv: 各点取值 settings of every point."
        )
    elif (folder / "answer.json").exists():
        record = json.loads((folder / "answer.json").read_bytes())
        yield f"- `{' '.join(record['command'])}`"
        for part in sorted(folder.glob("*/sweep.json")):
            runs = json.loads(part.read_bytes())["runs"]
            yield f"- {part.parent.name}/: {runs:,} 次运行 runs (sweep.json, runs.csv)"


def _provenance(folder: Path) -> Iterator[str]:
    name = next(name for name in ("run.json", "sweep.json", "answer.json") if (folder / name).exists())
    record = json.loads((folder / name).read_bytes())
    code = (
        record["code"] if isinstance(record.get("code"), dict) else {"sha256": record.get("code_sha256", "")} | record
    )
    made_by = f"Lvjin 绿津 {record.get('version') or version()}, commit {code.get('commit')}"
    yield f"- {made_by}, 代码 code {_short(code['sha256'])}"
    yield f"- 配置 configuration {_short(record.get('settings_sha256'))}, 数据 data {_short(record.get('data_sha256'))}"
    posteriors = {
        (facts.get("posterior") or {}).get("sha256", "")
        for facts in record.get("scenarios", [])
        if facts.get("posterior")
    }
    for posterior in sorted(posteriors):
        yield f"- 后验 posterior configs/posterior.csv {_short(posterior)}"
    libraries = ", ".join(f"{key} {value}" for key, value in record.get("libraries", {}).items())
    if libraries:
        yield f"- {libraries}"
    if record.get("command"):
        yield f"- 命令 command: `{' '.join(record['command'])}`"
    yield "- 核验 To check: `lvjin verify .`（seal.json: 每个文件的 SHA-256 SHA-256 of every file）"
    yield "- 许可 Licence: Apache-2.0; 引用 cite: CITATION.cff"


def _short(digest: Any) -> str:
    return str(digest or "–")[:SHORT]


MODEL = """\
绿津是重庆江津工业绿色转型的智能体模型：企业按季度注意、选择并投资绿色技术、转产、进入与退出，在供应与副产品网络中交易，
受规划中有日期的政策工具约束与资助。企业与网络按公开的边际分布合成；2021年营收按集群对齐到公布值或先验（对齐不是验证）。
规则、方程与来源见 docs/odd.md。

Lvjin is an agent-based model of the green transition of industry in Jiangjin, Chongqing. By quarter, firms notice,
choose and pay for green options, convert products, enter and leave; they trade in networks of supplies and
by-products, bound and helped by the dated instruments of the plan. Firms and networks are synthesised from public
marginals; revenue of 2021 is brought to published values or priors by cluster (alignment, never validation). Rules,
equations and sources: docs/odd.md.
"""
UNCERTAINTY = """\
## 不确定性 Uncertainty

每次重复抽取一组参数、一个合成总体和自己的运气；区间为各重复的5%–95%分位，概率附Wilson区间。情景之间用共同随机数配对：
同一重复的企业、参数与运气相同。随机数为以（种子、重复、企业、季度、决策）为键的Philox序列，同样的输入得到同样的字节，
与线程和机器无关。每次运行都核对账目：货币按分、副产品按千克，残差为零。

Every replicate draws parameters, one of the populations and luck of its own; bands are 5 to 95 % quantiles over
replicates, chances carry Wilson's interval. Scenarios are paired by common random numbers: a replicate has the same
firms, numbers and luck in each. Draws are Philox, keyed by seed, replicate, firm, quarter and decision, so the same
inputs give the same bytes whatever the threads or the machine. Every run checks its books: money to the fen,
by-products to the kilogram, residual zero.
"""
