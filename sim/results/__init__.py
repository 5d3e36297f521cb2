"""What a run leaves: variables, revenue, indicators and the bundle of files."""
