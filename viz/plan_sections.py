"""Chapters and sections of the district's plan, as the levers are grouped by them."""

CHAPTERS = {
    "3": ("三、重点任务", "3. Main tasks"),
    "4": ("四、培育绿色产业", "4. Green industries"),
    "5": ("五、主体、园区与场景", "5. Firms, parks and markets"),
    "6": ("六、技术、金融与人才", "6. Technology, finance and people"),
    "7": ("七、保障措施", "7. Safeguards"),
}

SECTIONS = {
    "3.1": ("调整优化产业结构", "Structure of industry"),
    "3.2": ("产业领域碳达峰行动", "Carbon peak of industry"),
    "3.3": ("能源消费低碳化", "Low-carbon use of energy"),
    "3.4": ("生产过程清洁化", "Clean production"),
    "3.5": ("资源利用循环化", "Circular use of resources"),
    "3.6": ("生产方式数字化", "Digital production"),
    "3.7": ("全产业链绿色化", "Green supply chains and life cycles"),
    "4.1": ("清洁能源及新能源汽车", "Clean energy and new-energy vehicles"),
    "4.2": ("节能产业", "Energy-saving industry"),
    "4.3": ("环保产业", "Environmental protection industry"),
    "4.4": ("循环经济", "Circular economy"),
    "4.5": ("生态经济", "Ecological economy"),
    "5.1": ("壮大市场主体", "Stronger firms"),
    "5.2": ("夯实园区载体", "Stronger parks"),
    "5.3": ("绿色场景与环境", "Green markets and surroundings"),
    "6.1": ("绿色低碳技术体系", "Green technology"),
    "6.2": ("绿色金融服务", "Green finance"),
    "6.3": ("高素质人才队伍", "Skilled people"),
    "7.1": ("加强组织领导", "Leadership and attraction of projects"),
    "7.2": ("强化综合施策", "Incentives, prices and law"),
    "7.3": ("扩大交流合作", "Exchange and co-operation"),
    "7.4": ("加强社会宣传", "Publicity"),
}
OTHER = ("其他", "Others")


def section_title(section: str) -> tuple[str, str]:
    """Number and name of a section in both languages."""
    zh, en = SECTIONS.get(section, OTHER)
    return (f"{section} {zh}".strip(), f"{section} {en}".strip())


def order(section: str) -> tuple[int, ...]:
    """Place of a section in the plan; levers without one come last."""
    parts = section.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else (99,)
