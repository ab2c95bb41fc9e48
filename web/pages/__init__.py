"""The HTML pages and what they show."""
