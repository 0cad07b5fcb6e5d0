"""The REST API. The router list below is its contents page: one category, one file, named as in the URL.

How to add one: docs/howto/add-an-endpoint.md.
"""

from gate import __version__
from gate.api import (
    aaa_accounting,
    aaa_profile,
    access_trace,
    device_app_access_devices,
    device_app_access_points,
    device_app_connection_log,
    device_app_connection_summary,
    device_app_locations,
    device_app_register,
    device_app_test_report,
    device_app_user_authenticate,
    device_app_user_update,
    errors,
    health,
    hostspot_access_points,
    hostspot_locations,
    mac,
    me,
    organization,
    portal_login,
    session,
    token,
    txlog_portal,
    user,
    user_extra,
    user_token,
)
from gate.api.body import RequestParser
from gate.api.openapi import DescribedAPI

api = DescribedAPI(
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
api.add_router("/access_trace", access_trace.router)
api.add_router("/device_app_access_devices", device_app_access_devices.router)
api.add_router("/device_app_access_points", device_app_access_points.router)
api.add_router("/device_app_connection_log", device_app_connection_log.router)
api.add_router("/device_app_connection_summary", device_app_connection_summary.router)
api.add_router("/device_app_locations", device_app_locations.router)
api.add_router("/device_app_register", device_app_register.router)
api.add_router("/device_app_test_report", device_app_test_report.router)
api.add_router("/device_app_user_authenticate", device_app_user_authenticate.router)
api.add_router("/device_app_user_update", device_app_user_update.router)
api.add_router("/health", health.router)
api.add_router("/hostspot_access_points", hostspot_access_points.router)
api.add_router("/hostspot_locations", hostspot_locations.router)
api.add_router("/mac", mac.router)
api.add_router("/me", me.router)
api.add_router("/organization", organization.router)
api.add_router("/portal_login", portal_login.router)
api.add_router("/session", session.router)
api.add_router("/token", token.router)
api.add_router("/txlog_portal", txlog_portal.router)
api.add_router("/user", user.router)
api.add_router("/user_extra", user_extra.router)
api.add_router("/user_token", user_token.router)
