"""RFC 7055: GSS-EAP acceptors."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

GSS_ACCEPTOR_SERVICE_NAME: Final = 164
GSS_ACCEPTOR_HOST_NAME: Final = 165
GSS_ACCEPTOR_SERVICE_SPECIFICS: Final = 166
GSS_ACCEPTOR_REALM_NAME: Final = 167

ATTRIBUTES: Final = (
    Attribute("GSS-Acceptor-Service-Name", GSS_ACCEPTOR_SERVICE_NAME, Kind.TEXT),
    Attribute("GSS-Acceptor-Host-Name", GSS_ACCEPTOR_HOST_NAME, Kind.TEXT),
    Attribute("GSS-Acceptor-Service-Specifics", GSS_ACCEPTOR_SERVICE_SPECIFICS, Kind.TEXT),
    Attribute("GSS-Acceptor-Realm-Name", GSS_ACCEPTOR_REALM_NAME, Kind.TEXT),
)
