"""What a notebook has beyond the functions: the case panel, the magics, and a copy without what was captured."""
