"""Showing scores: as text for the terminal, and as one HTML page that loads nothing from anywhere."""

from jinja2 import Environment, StrictUndefined

from bot.evaluation.scores import Scores, Share

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evaluation of {{ name }}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #111; }
table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #ccc; }
td { overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
meter { width: 8rem; }
</style>
</head>
<body>
<h1>Evaluation of {{ name }}</h1>
<p>{{ summary }}</p>
{% for section in scores.sections %}
<h2>{{ section.title }}</h2>
<table>
<thead><tr><th>What</th><th class="number">Share</th><th class="number">95 % interval</th>
<th class="number">Count</th><th>&nbsp;</th></tr></thead>
<tbody>
{% for share in section.shares %}
<tr><td>{{ share.name }}</td><td class="number">{{ percent(share.value) }}</td>
<td class="number">{{ percent(share.interval[0]) }} to {{ percent(share.interval[1]) }}</td>
<td class="number">{{ share.hits }} of {{ share.total }}</td>
<td><meter value="{{ share.value }}">{{ percent(share.value) }}</meter></td></tr>
{% endfor %}
</tbody>
</table>
{% endfor %}
{% if scores.confusions %}
<h2>Worst confusions</h2>
<table>
<thead><tr><th>Meant</th><th>Taken for</th><th class="number">Times</th></tr></thead>
<tbody>
{% for confusion in scores.confusions %}
<tr><td>{{ confusion.wanted }}</td><td>{{ confusion.got }}</td><td class="number">{{ confusion.times }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endif %}
{% if scores.misses %}
<h2>Lines that went wrong</h2>
<table>
<thead><tr><th>Id</th><th>Text</th><th>Wanted</th><th>Got</th><th class="number">Confidence</th></tr></thead>
<tbody>
{% for miss in scores.misses %}
<tr><td>{{ miss.line.id }}</td><td dir="auto">{{ miss.line.text | truncate(300) }}</td><td>{{ miss.wanted }}</td>
<td>{{ miss.got }}</td><td class="number">{{ percent(miss.result.confidence) }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endif %}
</body>
</html>
"""


def percent(share: float) -> str:
    """A share from 0 to 1 in words: 0.875 is "87.5 %"."""
    return f"{100 * share:.1f} %"


def as_text(summary: str, scores: Scores) -> str:
    """The scores for a terminal.

    Args:
        summary: said first, in a line or two.
        scores: of the run; without labels there are none.
    """
    parts = [summary]
    for section in scores.sections:
        width = max(len(share.name) for share in section.shares)
        parts.append("\n".join([section.title, *(f"  {_row(share, width)}" for share in section.shares)]))
    if scores.confusions:
        rows = [f"  {one.times:>3}  {one.wanted} taken for {one.got}" for one in scores.confusions]
        parts.append("\n".join(["Worst confusions", *rows]))
    return "\n\n".join(parts)


def _row(share: Share, width: int) -> str:
    low, high = share.interval
    interval = f"({100 * low:.1f} to {100 * high:.1f})"
    return f"{share.name:<{width}}  {percent(share.value):>7}  {interval:<15}  {share.hits} of {share.total}"


def as_page(name: str, summary: str, scores: Scores) -> str:
    """The scores as a self-contained HTML page, with every line that went wrong.

    Args:
        name: what was evaluated, usually the name of the file.
        summary: said first.
        scores: of the run.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(PAGE).render(name=name, summary=summary, scores=scores, percent=percent)
