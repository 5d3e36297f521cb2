"""The answers of docs/experiments.md: every command asked a real question, told in two languages from what it wrote."""
