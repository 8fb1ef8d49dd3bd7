"""Pictures, one module an analysis: `ax=` in, axes out, drawn in the style of style.py."""
