"""Two scenarios beside each other: the same firms with the same luck, so that the difference is that of the policy."""
