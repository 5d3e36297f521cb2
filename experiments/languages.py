"""Two languages: every text is written beside its twin, and a `Say` picks one or both."""

from collections.abc import Callable
from typing import Literal

Language = Literal["en", "zh"]
Say = Callable[[str, str], str]  # Chinese, English

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def speaker(language: Language) -> Say:
    """A function that picks the Chinese or the English text."""
    return lambda zh, en: zh if language == "zh" else en


def both(zh: str, en: str) -> str:
    """Both texts, Chinese first, sentences on lines of their own; a text that is the same in both is said once."""
    if zh == en:
        return zh
    return f"{zh}\n{en}" if zh.endswith("。") else f"{zh} {en}"
