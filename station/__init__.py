"""What the frames mean and what becomes of them: detection, practice guide, store, daemon, command line."""
