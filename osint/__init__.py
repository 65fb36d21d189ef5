"""Lawful investigative open-source research. The public names, sorted; nothing else."""
