"""The practice guide: which exercise, what is heard, what is said afterwards."""
