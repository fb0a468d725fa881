"""The view, what is selected, and how both become a figure."""
