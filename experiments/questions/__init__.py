"""What many runs answer: which assumptions matter, which instruments carry an effect, which package is cheapest."""
