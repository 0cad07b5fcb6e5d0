"""RFC 2869 and RFC 3579: extensions, EAP and the Message-Authenticator."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

ACCT_INPUT_GIGAWORDS: Final = 52
ACCT_OUTPUT_GIGAWORDS: Final = 53
EVENT_TIMESTAMP: Final = 55
ARAP_PASSWORD: Final = 70
ARAP_FEATURES: Final = 71
ARAP_ZONE_ACCESS: Final = 72
ARAP_SECURITY: Final = 73
ARAP_SECURITY_DATA: Final = 74
PASSWORD_RETRY: Final = 75
PROMPT: Final = 76
CONNECT_INFO: Final = 77
CONFIGURATION_TOKEN: Final = 78
EAP_MESSAGE: Final = 79
MESSAGE_AUTHENTICATOR: Final = 80
ARAP_CHALLENGE_RESPONSE: Final = 84
ACCT_INTERIM_INTERVAL: Final = 85
NAS_PORT_ID: Final = 87
FRAMED_POOL: Final = 88

ARAP_ZONE_ACCESS_VALUES: Final = {
    "Default-Zone": 1,
    "Zone-Filter-Inclusive": 2,
    "Zone-Filter-Exclusive": 4,
}

PROMPT_VALUES: Final = {
    "No-Echo": 0,
    "Echo": 1,
}

ATTRIBUTES: Final = (
    Attribute("Acct-Input-Gigawords", ACCT_INPUT_GIGAWORDS, Kind.INTEGER),
    Attribute("Acct-Output-Gigawords", ACCT_OUTPUT_GIGAWORDS, Kind.INTEGER),
    Attribute("Event-Timestamp", EVENT_TIMESTAMP, Kind.DATE),
    Attribute("ARAP-Password", ARAP_PASSWORD, Kind.OCTETS),
    Attribute("ARAP-Features", ARAP_FEATURES, Kind.OCTETS),
    Attribute("ARAP-Zone-Access", ARAP_ZONE_ACCESS, Kind.INTEGER, values=ARAP_ZONE_ACCESS_VALUES),
    Attribute("ARAP-Security", ARAP_SECURITY, Kind.INTEGER),
    Attribute("ARAP-Security-Data", ARAP_SECURITY_DATA, Kind.TEXT),
    Attribute("Password-Retry", PASSWORD_RETRY, Kind.INTEGER),
    Attribute("Prompt", PROMPT, Kind.INTEGER, values=PROMPT_VALUES),
    Attribute("Connect-Info", CONNECT_INFO, Kind.TEXT),
    Attribute("Configuration-Token", CONFIGURATION_TOKEN, Kind.TEXT),
    Attribute("EAP-Message", EAP_MESSAGE, Kind.OCTETS),
    Attribute("Message-Authenticator", MESSAGE_AUTHENTICATOR, Kind.OCTETS),
    Attribute("ARAP-Challenge-Response", ARAP_CHALLENGE_RESPONSE, Kind.OCTETS),
    Attribute("Acct-Interim-Interval", ACCT_INTERIM_INTERVAL, Kind.INTEGER),
    Attribute("NAS-Port-Id", NAS_PORT_ID, Kind.TEXT),
    Attribute("Framed-Pool", FRAMED_POOL, Kind.TEXT),
)
