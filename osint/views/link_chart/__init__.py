"""The interactive link chart: a picture that survives everywhere, a widget, and one HTML file that asks nobody."""

from osint.views.link_chart.chart import LinkChart, link_chart
from osint.views.link_chart.facts import NO_FACTS, ChartFacts

__all__ = ["NO_FACTS", "ChartFacts", "LinkChart", "link_chart"]
