"""Erasing on order throughout a case folder, and looking for what is left of a text in it."""
