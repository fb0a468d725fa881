"""Reports: pictures frozen with what they are drawn from, exported, derived again."""
