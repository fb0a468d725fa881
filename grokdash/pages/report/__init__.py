"""The pages of reports: the list, and one report as a notebook of frozen pictures."""
