"""How the console looks: the `UNFOLD` setting. Functions are named by path, because settings are read before Django is up."""

from typing import Any

from django.templatetags.static import static

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "GATE",
    "SITE_HEADER": "GATE",
    "SITE_SUBHEADER": "gate.console.site.subheader",
    "SITE_URL": None,
    "SITE_ICON": lambda request: static("console/mark.svg"),  # noqa: ARG005  unfold calls it with the request
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("console/mark.svg")}  # noqa: ARG005
    ],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": True,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("console/console.css")],  # noqa: ARG005
    "SCRIPTS": [lambda request: static("console/console.js")],  # noqa: ARG005
    "ACCOUNT": {"navigation": "gate.console.site.account_links"},
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "gate.console.site.navigation"},
    "COLORS": {
        "primary": {
            "50": "#effaf9",
            "100": "#d0f1ee",
            "200": "#a3e3de",
            "300": "#6dcdc8",
            "400": "#3fb0ad",
            "500": "#1f9492",
            "600": "#0f7676",
            "700": "#0e5f60",
            "800": "#104c4e",
            "900": "#113f41",
            "950": "#042527",
        },
    },
}
