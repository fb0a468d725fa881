"""The guide: a course, what stands beside it, and the reference by view."""
