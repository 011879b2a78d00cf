"""Images and image sets. Knows no owner."""
