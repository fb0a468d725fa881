"""Names joined by commas, as options and addresses have them."""


def listed(text: str | None) -> list[str]:
    """Give the names of a list, each once, in order; none of nothing."""
    parts = (part.strip() for part in (text or "").split(","))
    return [part for part in dict.fromkeys(parts) if part]
