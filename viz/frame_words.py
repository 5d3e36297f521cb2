"""What stands around every page, and how all of it looks."""

from pathlib import Path

LOOK = (Path(__file__).parent / "look.css").read_text(encoding="utf-8")
NAME = ("绿津", "Lvjin")
SUBTITLE = ("江津区绿色产业政策模拟", "Policies for the green industry of Jiangjin")
PAGE_NAMES = {
    "forecast": ("预测", "Forecast"),
    "indicators": ("指标", "Indicators"),
    "why": ("原因", "Why"),
    "map": ("园区", "Map"),
    "compare": ("比较", "Compare"),
    "find": ("寻找", "Find"),
    "files": ("文件", "Files"),
    "about": ("说明", "About"),
}
