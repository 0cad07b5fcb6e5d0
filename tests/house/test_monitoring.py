"""deploy/monitoring asks for metrics that exist."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from house.reading import PACKAGE, ROOT

FOLDER = ROOT / "deploy" / "monitoring"
TOLD = ("radiusd/scrape.py", "radiusd/proxy/proxy.py", "core/board.py", "health.py")
_NAME = re.compile(r"\bgate_(?:radius|web)_[a-z_]+")
_SUFFIXES = ("_bucket", "_sum", "_count")


def _families() -> dict[str, bool]:
    """Names of the metrics in the source, and whether each is a histogram."""
    found = {}
    for path in TOLD:
        for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="counter" | "gauge" | "histogram" as kind), args=[ast.Constant(value=str(name)), *_]
                ):
                    found[name] = kind == "histogram"
                    assert name.endswith("_total") == (kind == "counter"), name
    return found


def _expressions(held: Any) -> Iterator[str]:
    """What the dashboard asks Prometheus."""
    if isinstance(held, dict):
        for key, value in held.items():
            if key in {"expr", "query"} and isinstance(value, str):
                yield value
            yield from _expressions(value)
    elif isinstance(held, list):
        for value in held:
            yield from _expressions(value)


def _asked() -> set[str]:
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))
    texts = [*_expressions(dashboard), (FOLDER / "gate-alerts.yml").read_text(encoding="utf-8")]
    return {name for text in texts for name in _NAME.findall(text)}


def test_every_metric_asked_for_exists() -> None:
    """Histograms are asked by their parts, everything else by its name."""
    families = _families()
    possible = {name for name, is_histogram in families.items() if not is_histogram}
    possible |= {f"{name}{suffix}" for name, is_histogram in families.items() if is_histogram for suffix in _SUFFIXES}
    assert len(families) > 15
    assert _asked() - possible == set()


def test_every_metric_is_shown() -> None:
    """What is counted and shown nowhere is counted for nobody."""
    asked = {re.sub("(_bucket|_sum|_count)$", "", name) for name in _asked()}
    assert set(_families()) - asked == {"gate_web_workers_seen"}


def test_every_alert_says_what_happened() -> None:
    """A name, an expression, a severity, a sentence."""
    text = (FOLDER / "gate-alerts.yml").read_text(encoding="utf-8")
    alerts = text.split("- alert: ")[1:]
    assert len(alerts) == len({alert.split("\n")[0] for alert in alerts}) > 10
    for alert in alerts:
        assert re.match(r"Gate[A-Za-z]+\n +expr: ", alert)
        assert re.search(r"labels: \{severity: (critical|warning|info)\}\n +annotations:\n +summary: \".+\"\n", alert), alert


def test_panels_lie_beside_each_other() -> None:
    """No two of the dashboard share an id or a place."""
    panels = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))["panels"]
    places = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)
