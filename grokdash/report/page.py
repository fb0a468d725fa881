"""A report as one HTML file that needs nothing from elsewhere."""

import base64
import html
import json
from datetime import UTC, datetime
from string import Template
from typing import Any

from plotly.offline import get_plotlyjs

from grokdash.report.bundle import Bundle
from grokdash.report.markdown import rendered
from grokdash.report.sheets import sheet_of
from grokdash.saving.origins import VERSION
from grokdash.store.report_models import ReportItem

CARRIED = "grokdash-report"
"""Id of the element that holds the report as JSON."""
_PICTURES = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_DRAWN = (
    f"{_PICTURES} blob:; script-src 'unsafe-inline' 'unsafe-eval'; worker-src blob:"
)
_CONFIG = {"displaylogo": False, "showSendToCloud": False, "plotlyServerURL": ""}
_STYLE = """
:root { color-scheme: light; }
body { max-width: 760px; margin: 32px auto; padding: 0 16px; background: #fff;
  color: #1c2430; font: 15px/1.5 system-ui, "Segoe UI", Arial, sans-serif; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 18px; line-height: 1.3; margin: 0 0 6px; }
figure { margin: 32px 0; break-inside: avoid; }
section { margin: 32px 0; }
figure img { display: block; width: auto; max-width: 100%; max-height: 480px;
  margin: 0 auto; }
figcaption p { margin: 6px 0; }
.quiet { color: #596476; font-size: 13px; overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th, td { padding: 2px 10px; border: 1px solid #c3cad4; text-align: left; }
pre { overflow-x: auto; padding: 8px; background: #f6f7f9; }
code { font-family: ui-monospace, Consolas, monospace; font-size: 13px; }
a { color: #0b62a8; }
blockquote { margin: 0; padding-left: 12px; border-left: 3px solid #c3cad4; }
@page { margin: 16mm; }
@media print { body { max-width: none; margin: 0; padding: 0; font-size: 10.5pt; }
  figure, section { margin: 16px 0; }
  figure img { max-height: 9.5cm; }
  h2 { break-after: avoid; } }
"""
_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="grokdash $version">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<header>
<h1>$title</h1>
<p class="quiet">$when</p>
$notes
</header>
$items
</main>
<footer class="quiet"><p>Every picture and sentence of this page can be derived again
from the runs: <code>grokdash report verify</code> and the name of this file.</p>
</footer>
<script type="application/json" id="$carried">$json</script>
$scripts
</body>
</html>
""")


def as_page(bundle: Bundle) -> bytes:
    """Write a report as one file.

    Where no browser has drawn the pictures, Plotly and the figures are in it and it
    draws them itself.
    """
    report = bundle.report
    drawn = not bundle.pictures and bool(bundle.figures)
    page = _PAGE.substitute(
        policy=_DRAWN if drawn else _PICTURES,
        version=VERSION,
        title=html.escape(report.title),
        style=_STYLE,
        when=html.escape(when_told(bundle)),
        notes=rendered(report.notes),
        items="\n".join(_item(one, bundle) for one in report.items),
        carried=CARRIED,
        json=_harmless(bundle.as_bytes().decode()),
        scripts=_scripts(bundle) if drawn else "",
    )
    return page.encode()


def when_told(bundle: Bundle) -> str:
    """Say when a report was changed last, and by which grokdash it was written."""
    day = datetime.fromtimestamp(bundle.report.changed, UTC).date().isoformat()
    return f"{day}, revision {bundle.report.revision}, grokdash {VERSION}"


def _item(item: ReportItem, bundle: Bundle) -> str:
    title = f"<h2>{html.escape(item.title)}</h2>" if item.title else ""
    words = rendered(item.caption)
    if not item.figure:
        return f'<section id="{item.id}">{title}{words}</section>'
    picture = bundle.pictures.get(item.id)
    shown = (
        f'<div id="picture-{item.id}"></div>'
        if picture is None
        else f'<img id="picture-{item.id}" alt="{html.escape(item.sentence)}" '
        f'src="{_SVG}{base64.b64encode(picture).decode()}">'
    )
    said = f"<p>{html.escape(item.sentence)}</p>" if item.sentence else ""
    about = f'<p class="quiet">{html.escape(item.about)}</p>'
    return (
        f'<figure id="{item.id}">{title}{shown}'
        f"<figcaption>{words}{said}{about}</figcaption></figure>"
    )


_SVG = "data:image/svg+xml;base64,"


def _scripts(bundle: Bundle) -> str:
    """Draw the figures with a Plotly that is in the page."""
    drawn: dict[str, Any] = {}
    for item in bundle.report.items:
        if item.figure in bundle.figures:
            sheet = sheet_of(item, bundle.figures[item.figure])
            drawn[item.id] = json.loads(sheet.panels[0].figure.to_json())
    calls = (
        f"for (const [id, figure] of Object.entries({_harmless(json.dumps(drawn))}))"
        ' Plotly.newPlot("picture-" + id, figure.data, figure.layout, '
        f"{json.dumps(_CONFIG)});"
    )
    return f"<script>{get_plotlyjs()}</script>\n<script>{calls}</script>"


def _harmless(text: str) -> str:
    """Write JSON so that nothing in it ends the element that it stands in."""
    return text.replace("<", "\\u003c")
