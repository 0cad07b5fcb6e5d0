"""Every address GATE serves."""

from django.urls import include, path
from django.views.generic import RedirectView

from gate import health

urlpatterns = [
    path("", RedirectView.as_view(url="/console/")),
    path("", include("gate.api.urls")),
    path("console/", include("gate.console.urls")),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", health.metrics),
]
