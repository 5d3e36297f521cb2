"""A font with Chinese characters for the figures, found without help from the machine.

The package `pylopdf-fonts-zh-cn`, a locked dependency, ships Noto Sans SC (SIL Open Font License). A machine's own
font serves where that package is missing.
"""

from importlib.resources import files
from pathlib import Path

import matplotlib
from matplotlib import font_manager

PACKAGED_FONT = ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")
MACHINE_FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "PingFang SC")


def chinese_font_path() -> Path:
    """Return the file of a font that covers simplified Chinese.

    Raises:
        FileNotFoundError: neither the packaged font nor one of the machine's own is there; says what to install.
    """
    package, file = PACKAGED_FONT
    try:
        packaged = Path(str(files(package) / file))
    except ModuleNotFoundError:
        packaged = Path(file)
    if packaged.is_file():
        return packaged
    for family in MACHINE_FONTS:
        try:
            return Path(font_manager.findfont(family, fallback_to_default=False))
        except ValueError:
            continue
    raise FileNotFoundError(
        "No font with Chinese characters was found, so the figures would show empty boxes. "
        "Run `make setup` again, or install one (Debian: apt install fonts-noto-cjk)."
    )


def use_chinese_font() -> str:
    """Make matplotlib draw text in a font with Chinese characters and return the name of its family.

    Text in SVG files becomes outlines, so a reader needs no font either. A true minus sign stays, as the font has it.

    Raises:
        FileNotFoundError: as `chinese_font_path`.

    Example:
        >>> use_chinese_font()
        'Noto Sans SC'
    """
    path = chinese_font_path()
    font_manager.fontManager.addfont(path)
    family = str(font_manager.FontProperties(fname=str(path)).get_name())
    matplotlib.rcParams["font.family"] = [family, "DejaVu Sans"]
    matplotlib.rcParams["svg.fonttype"] = "path"
    return family
