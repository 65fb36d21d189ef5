"""Has anxwritter write the chart that ``write_anx.py`` is handed as JSON on stdin, and prints its XML."""

import json
import sys

from anxwritter import ANXChart, Card

told = json.load(sys.stdin)
chart = ANXChart()
for name, line in told["strengths"].items():
    chart.add_strength(name=name, dot_style=line)
for entity in told["entities"]:
    cards = [Card(summary=summary) for summary in entity.pop("cards")]
    chart.add_icon(**entity, cards=cards)
for link in told["links"]:
    cards = [Card(summary=summary) for summary in link.pop("cards")]
    chart.add_link(**link, arrow="->", cards=cards)
sys.stdout.write(chart.to_xml())
