"""RFC 5176: change of authorization and disconnection."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

ERROR_CAUSE: Final = 101

ERROR_CAUSE_VALUES: Final = {
    "Residual-Context-Removed": 201,
    "Invalid-EAP-Packet": 202,
    "Unsupported-Attribute": 401,
    "Missing-Attribute": 402,
    "NAS-Identification-Mismatch": 403,
    "Invalid-Request": 404,
    "Unsupported-Service": 405,
    "Unsupported-Extension": 406,
    "Invalid-Attribute-Value": 407,
    "Administratively-Prohibited": 501,
    "Proxy-Request-Not-Routable": 502,
    "Session-Context-Not-Found": 503,
    "Session-Context-Not-Removable": 504,
    "Proxy-Processing-Error": 505,
    "Resources-Unavailable": 506,
    "Request-Initiated": 507,
    "Multiple-Session-Selection-Unsupported": 508,
    "Location-Info-Required": 509,
}

ATTRIBUTES: Final = (Attribute("Error-Cause", ERROR_CAUSE, Kind.INTEGER, values=ERROR_CAUSE_VALUES),)
