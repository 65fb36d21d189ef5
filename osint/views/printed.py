"""How every page of ours is printed: black on white, headings on each sheet, nothing folded, cut or to be clicked."""

from __future__ import annotations

STYLE = """
@page { margin: 12mm 11mm 15mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #000 } }
@media print {
  :root { color-scheme: light }
  html, body { background: #fff }
  body { margin: 0; padding: 0; max-width: none; font-size: 10pt }
  body, body * { color: #000 !important; box-shadow: none !important }
  h1, h2, h3, h4, p:has(> b) { break-after: avoid }
  table { display: table; font-size: 8pt; max-width: 100%; overflow: visible }
  thead { display: table-header-group }
  tr, img, figure { break-inside: avoid }
  img { max-width: 100%; max-height: 150mm; object-fit: contain }
  th { position: static !important; background: #fff }
  thead th { border-bottom: 1pt solid #000 }
  pre { background: none; border: .5pt solid #000; white-space: pre-wrap; overflow-wrap: anywhere }
  details:not(.veil)::details-content { display: block; height: auto; content-visibility: visible }
  .card { width: 31% !important; box-sizing: border-box; break-inside: avoid; font-size: 8pt }
  div:has(> .card) { orphans: 1; widows: 1 }
  summary { list-style: none }
  summary::-webkit-details-marker, .on-screen, button, input, select { display: none }
}
"""
"""For a page of its own. A picture behind a ``veil`` stays as it is on the screen; ``on-screen`` is not printed."""
