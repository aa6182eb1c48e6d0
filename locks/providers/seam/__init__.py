"""Seam (https://seam.co), or a server that speaks as Seam does, as a provider: on the official SDK."""
