"""Pages with a part that a command writes: everything outside its two marks is left alone."""


def replaced(text: str, content: str, begin: str, end: str) -> str:
    """The text with new content between two marks; raises ValueError where it lacks them."""
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"no part between {begin!r} and {end!r}")
    return f"{before}{begin}\n{content}\n{end}{after}"
