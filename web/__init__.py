"""The dashboard: what a person sees on the tablet."""
