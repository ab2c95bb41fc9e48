"""What stands on the store and the detector: replay, reanalysis, export."""
