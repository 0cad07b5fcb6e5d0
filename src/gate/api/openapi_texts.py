"""Words of the API's description: what each category is for, and which operations the reference has."""

# Category to what it is for. The order is that of the description's list of tags.
CATEGORIES = {
    "aaa_accounting": "Sessions as network access servers (NAS) reported them by RADIUS accounting. Read only, newest first.",
    "aaa_profile": "Named lists of RADIUS check and reply items. Users have profiles by short name, in order.",
    "device_app_access_devices": "The access devices of the caller's organizations, for the phone app.",
    "device_app_access_points": "Access points with the location each stands in, for the phone app.",
    "device_app_connection_log": "What the phone app tells about the connections it made.",
    "device_app_connection_summary": "Figures over a period from what phone apps told, kept ready in rollups.",
    "device_app_locations": "Locations, for the phone app.",
    "device_app_register": "Makes a device known, and with a username and password signs its user in or up.",
    "device_app_test_report": "Results of the phone app's network tests.",
    "device_app_user_authenticate": "Signs a person in: a short-lived access token, and a refresh token that turns over.",
    "device_app_user_update": "Changes the user or the device found by any identifier given.",
    "hostspot_access_points": "Access points, for the captive portal. The category is spelled as in the reference.",
    "hostspot_locations": "Locations, for the captive portal. The category is spelled as in the reference.",
    "me": "The caller's own side of things: the organization with its settings, rights and limits.",
    "organization": "The caller's organization and every one below it.",
    "portal_login": "Opens a session for a guest whom a site's portal vouches for, or signs a person in by password.",
    "txlog_portal": "The transaction log: what happened to users, devices and sessions, newest first.",
    "user": "People who sign in to networks, found by id or by username.",
    "user_extra": "Personal particulars of users: birthday, gender, identity documents.",
    "user_token": "Users with time credit. Changing the credit writes a ledger; nothing is overwritten.",
    "access_trace": "Why sign-ins by RADIUS were let in or refused, and what would be decided now. An extension.",
    "health": "Whether GATE is ready. An extension, for monitoring; needs no token.",
    "mac": "Devices that an operator lets in by their MAC address. An extension.",
    "session": "Sessions that run: seen, ended and changed by requests to their NAS (RFC 5176). An extension.",
    "token": "Refreshes and revokes the tokens people were given when they signed in. An extension.",
}

# The operations of the reference: category, path below it with `{}` for a parameter, methods.
REFERENCE = {
    "aaa_accounting": {"": "GET", "{}/": "GET"},
    "aaa_profile": {"": "GET POST", "{}/": "GET PUT PATCH DELETE"},
    "device_app_access_devices": {"": "GET"},
    "device_app_access_points": {"": "GET"},
    "device_app_connection_log": {"": "POST"},
    "device_app_connection_summary": {"": "GET"},
    "device_app_locations": {"": "GET"},
    "device_app_register": {"": "POST"},
    "device_app_test_report": {"": "POST"},
    "device_app_user_authenticate": {"": "POST"},
    "device_app_user_update": {"": "POST"},
    "hostspot_access_points": {"": "GET"},
    "hostspot_locations": {"": "GET"},
    "me": {"organization/": "GET"},
    "organization": {"": "GET"},
    "portal_login": {"": "POST"},
    "txlog_portal": {"": "GET"},
    "user": {"": "GET POST", "{}/": "GET PUT PATCH DELETE", "username/{}/": "GET PUT PATCH DELETE"},
    "user_extra": {"": "GET POST", "{}/": "GET PUT PATCH DELETE"},
    "user_token": {"": "GET POST", "{}/": "GET PUT PATCH DELETE"},
}

# What a parameter means wherever it is called so. A view's own words win.
PARAMETERS = {
    "id": "The row with this id alone: `12`, or with a prefix as `user_12`.",
    "user": "Id of a user.",
    "access_point": "Id of an access point.",
    "location": "Id of a location.",
    "short_name": "The whole short name.",
    "is_active": "Those that are switched on, or those that are not.",
    "session_status": "Whether the session still goes on.",
    "time_period": "How far back, from now.",
    "device_type": "Devices of this type alone.",
    "app_category": "Connections of apps of this category alone.",
    "username": "The whole username; case does not count.",
}
PATH_ID = "The id: `12`, or with a prefix as `user_12`. Anything else is not found."

QUERY_REFUSED: dict[str, object] = {
    "detail": "limit: input should be greater than or equal to 1",
    "code": "invalid",
    "errors": {"limit": ["input should be greater than or equal to 1"]},
}

# Status to what it means on any operation, and what the error looks like there. An operation's own words win.
FAILURES: dict[int, tuple[str, dict[str, object]]] = {
    400: (
        "The request cannot be understood, a required field is missing, or a value is refused.",
        {"detail": "The body is no JSON.", "code": "malformed"},
    ),
    401: (
        "No token, or one that is unknown, expired, revoked or used from elsewhere.",
        {"detail": "Send Authorization: Bearer and an API token.", "code": "unauthenticated"},
    ),
    403: (
        "The token does not have the scope this needs, or the caller may not do this to that row.",
        {"detail": "The token does not have user:write.", "code": "forbidden"},
    ),
    404: (
        "No such row in the caller's organizations. A row of others is not told apart from none.",
        {"detail": "There is no such user.", "code": "not_found"},
    ),
    409: (
        "The change collides with a stored row: a name that is taken, a row in use.",
        {"detail": "username: is taken", "code": "duplicate", "errors": {"username": ["is taken"]}},
    ),
    422: (
        "Well-formed, but a value is refused.",
        {"detail": "mac_addr: is no MAC address", "code": "invalid", "errors": {"mac_addr": ["is no MAC address"]}},
    ),
    429: (
        "Too many requests or attempts, or the organization's calls of the month are used up.",
        {"detail": "Too many requests.", "code": "too_many"},
    ),
    500: (
        "GATE failed; its log has the reason under the request id.",
        {
            "detail": "GATE failed; the log has the reason under this request id.",
            "code": "internal",
            "request_id": "5f1d7a84db00d2fc",
        },
    ),
    503: (
        "The database does not answer. Try again soon.",
        {
            "detail": "The database does not answer. Try again soon.",
            "code": "unavailable",
            "request_id": "5f1d7a84db00d2fc",
        },
    ),
}
