"""The REST API. The router list below is its contents page: one category, one file, named as in the URL.

How to add one: docs/howto/add-an-endpoint.md.
"""

from ninja import NinjaAPI

from gate import __version__
from gate.api import aaa_accounting, aaa_profile, errors, health, me, organization, user
from gate.api.body import RequestParser

api = NinjaAPI(
    title="GATE",
    version=__version__,
    description=(
        "Network access: AAA, captive portal, people and places. Send `Authorization: Bearer gate_…`. A body may be the object "
        'itself, `{"data": {…}}` or `{"data": "<the object as JSON text>"}`. Times are UTC.'
    ),
    docs_url="/docs/",
    urls_namespace="api",
    parser=RequestParser(),
)
errors.register(api)

api.add_router("/aaa_accounting", aaa_accounting.router)
api.add_router("/aaa_profile", aaa_profile.router)
api.add_router("/health", health.router)
api.add_router("/me", me.router)
api.add_router("/organization", organization.router)
api.add_router("/user", user.router)
