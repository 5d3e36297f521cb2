"""The declared world: numbers, tables and scenarios, read with all mistakes told at once."""
