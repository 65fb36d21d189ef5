"""Misuse made visible: reports over the ledgers of a unit, reviews of what was done, and a sealed way to report it.

It reads ledgers and never writes to a case. Nothing here scores a person, and nothing says that anything was misused.
"""
