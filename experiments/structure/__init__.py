"""What the forecast rests on: each mechanism switched off, and where the width of its band comes from."""
