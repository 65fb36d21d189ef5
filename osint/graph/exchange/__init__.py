"""Exchange formats for association graphs: one file per format, each a pure function from a graph to bytes.

Text is the same in every format: characters that XML cannot carry or that hide and reorder text are spelt ``⟨U+202E⟩``,
and the readers here turn that back. Node and edge order is that of the graph, so equal graphs give equal bytes.
"""
