"""The console's lists and forms, a file for each group of the sidebar."""
