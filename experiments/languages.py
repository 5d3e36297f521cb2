"""Two languages: every text is written beside its twin, and a `Say` picks one or both."""

import re
from collections.abc import Callable, Container
from typing import Literal

Language = Literal["en", "zh"]
Say = Callable[[str, str], str]  # Chinese, English

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def speaker(language: Language) -> Say:
    """A function that picks the Chinese or the English text."""
    return lambda zh, en: zh if language == "zh" else en


def sentence_case(name: str, proper: Container[str] = ()) -> str:
    """An English name as sentences and charts want it: `PV and Storage` becomes `PV and storage`.

    Args:
        name: in title case, as names of variables are, or in sentence case already.
        proper: words that keep their capital.
    """
    first, *rest = re.split(r"([ -])", name)
    lower = (part.lower() if len(part) > 1 and part.istitle() and part not in proper else part for part in rest)
    return first + "".join(lower)


def inside(name: str) -> str:
    """An English name as it stands inside a sentence: `Steel scrap` becomes `steel scrap`, `FGD gypsum` stays."""
    first = re.split(r"[ -]", name)[0]
    return name[:1].lower() + name[1:] if first.istitle() else name


def both(zh: str, en: str) -> str:
    """Both texts, Chinese first, sentences on lines of their own; a text that is the same in both is said once."""
    if zh == en:
        return zh
    return f"{zh}\n{en}" if zh.endswith("。") else f"{zh} {en}"
