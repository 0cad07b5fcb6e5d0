"""Microsoft (RFC 2548): MS-CHAP and MPPE."""

from typing import Final

from gate.protocols.radius.dictionary.attribute import Attribute, Kind

VENDOR: Final = 311

MS_CHAP_RESPONSE: Final = 1
MS_CHAP_ERROR: Final = 2
MS_CHAP_CPW_1: Final = 3
MS_CHAP_CPW_2: Final = 4
MS_CHAP_LM_ENC_PW: Final = 5
MS_CHAP_NT_ENC_PW: Final = 6
MS_MPPE_ENCRYPTION_POLICY: Final = 7
MS_MPPE_ENCRYPTION_TYPES: Final = 8
MS_RAS_VENDOR: Final = 9
MS_CHAP_DOMAIN: Final = 10
MS_CHAP_CHALLENGE: Final = 11
MS_CHAP_MPPE_KEYS: Final = 12
MS_BAP_USAGE: Final = 13
MS_LINK_UTILIZATION_THRESHOLD: Final = 14
MS_LINK_DROP_TIME_LIMIT: Final = 15
MS_MPPE_SEND_KEY: Final = 16
MS_MPPE_RECV_KEY: Final = 17
MS_RAS_VERSION: Final = 18
MS_FILTER: Final = 22
MS_ACCT_AUTH_TYPE: Final = 23
MS_ACCT_EAP_TYPE: Final = 24
MS_CHAP2_RESPONSE: Final = 25
MS_CHAP2_SUCCESS: Final = 26
MS_CHAP2_CPW: Final = 27
MS_PRIMARY_DNS_SERVER: Final = 28
MS_SECONDARY_DNS_SERVER: Final = 29
MS_PRIMARY_NBNS_SERVER: Final = 30
MS_SECONDARY_NBNS_SERVER: Final = 31
MS_RAS_CLIENT_NAME: Final = 34
MS_RAS_CLIENT_VERSION: Final = 35

MS_MPPE_ENCRYPTION_POLICY_VALUES: Final = {
    "Encryption-Allowed": 1,
    "Encryption-Required": 2,
}

MS_MPPE_ENCRYPTION_TYPES_VALUES: Final = {
    "RC4-40bit-Allowed": 2,
    "RC4-128bit-Allowed": 4,
    "RC4-40or128-bit-Allowed": 6,
}

MS_BAP_USAGE_VALUES: Final = {
    "Not-Allowed": 0,
    "Allowed": 1,
    "Required": 2,
}

MS_ACCT_AUTH_TYPE_VALUES: Final = {
    "PAP": 1,
    "CHAP": 2,
    "MS-CHAP-1": 3,
    "MS-CHAP-2": 4,
    "EAP": 5,
}

ATTRIBUTES: Final = (
    Attribute("MS-CHAP-Response", MS_CHAP_RESPONSE, Kind.OCTETS, vendor=VENDOR),
    Attribute("MS-CHAP-Error", MS_CHAP_ERROR, Kind.TEXT, vendor=VENDOR),
    Attribute("MS-CHAP-CPW-1", MS_CHAP_CPW_1, Kind.OCTETS, vendor=VENDOR),
    Attribute("MS-CHAP-CPW-2", MS_CHAP_CPW_2, Kind.OCTETS, vendor=VENDOR),
    Attribute("MS-CHAP-LM-Enc-PW", MS_CHAP_LM_ENC_PW, Kind.OCTETS, vendor=VENDOR),
    Attribute("MS-CHAP-NT-Enc-PW", MS_CHAP_NT_ENC_PW, Kind.OCTETS, vendor=VENDOR),
    Attribute(
        "MS-MPPE-Encryption-Policy",
        MS_MPPE_ENCRYPTION_POLICY,
        Kind.INTEGER,
        vendor=VENDOR,
        values=MS_MPPE_ENCRYPTION_POLICY_VALUES,
    ),
    Attribute(
        "MS-MPPE-Encryption-Types", MS_MPPE_ENCRYPTION_TYPES, Kind.INTEGER, vendor=VENDOR, values=MS_MPPE_ENCRYPTION_TYPES_VALUES
    ),
    Attribute("MS-RAS-Vendor", MS_RAS_VENDOR, Kind.INTEGER, vendor=VENDOR),
    Attribute("MS-CHAP-Domain", MS_CHAP_DOMAIN, Kind.TEXT, vendor=VENDOR),
    Attribute("MS-CHAP-Challenge", MS_CHAP_CHALLENGE, Kind.OCTETS, vendor=VENDOR),
    Attribute("MS-CHAP-MPPE-Keys", MS_CHAP_MPPE_KEYS, Kind.HIDDEN, vendor=VENDOR),
    Attribute("MS-BAP-Usage", MS_BAP_USAGE, Kind.INTEGER, vendor=VENDOR, values=MS_BAP_USAGE_VALUES),
    Attribute("MS-Link-Utilization-Threshold", MS_LINK_UTILIZATION_THRESHOLD, Kind.INTEGER, vendor=VENDOR),
    Attribute("MS-Link-Drop-Time-Limit", MS_LINK_DROP_TIME_LIMIT, Kind.INTEGER, vendor=VENDOR),
    Attribute("MS-MPPE-Send-Key", MS_MPPE_SEND_KEY, Kind.HIDDEN, vendor=VENDOR),
    Attribute("MS-MPPE-Recv-Key", MS_MPPE_RECV_KEY, Kind.HIDDEN, vendor=VENDOR),
    Attribute("MS-RAS-Version", MS_RAS_VERSION, Kind.TEXT, vendor=VENDOR),
    Attribute("MS-Filter", MS_FILTER, Kind.OCTETS, vendor=VENDOR),
    Attribute("MS-Acct-Auth-Type", MS_ACCT_AUTH_TYPE, Kind.INTEGER, vendor=VENDOR, values=MS_ACCT_AUTH_TYPE_VALUES),
    Attribute("MS-Acct-EAP-Type", MS_ACCT_EAP_TYPE, Kind.INTEGER, vendor=VENDOR),
    Attribute("MS-CHAP2-Response", MS_CHAP2_RESPONSE, Kind.OCTETS, vendor=VENDOR),
    Attribute("MS-CHAP2-Success", MS_CHAP2_SUCCESS, Kind.OCTETS, vendor=VENDOR),
    Attribute("MS-CHAP2-CPW", MS_CHAP2_CPW, Kind.OCTETS, vendor=VENDOR),
    Attribute("MS-Primary-DNS-Server", MS_PRIMARY_DNS_SERVER, Kind.IPADDR, vendor=VENDOR),
    Attribute("MS-Secondary-DNS-Server", MS_SECONDARY_DNS_SERVER, Kind.IPADDR, vendor=VENDOR),
    Attribute("MS-Primary-NBNS-Server", MS_PRIMARY_NBNS_SERVER, Kind.IPADDR, vendor=VENDOR),
    Attribute("MS-Secondary-NBNS-Server", MS_SECONDARY_NBNS_SERVER, Kind.IPADDR, vendor=VENDOR),
    Attribute("MS-RAS-Client-Name", MS_RAS_CLIENT_NAME, Kind.TEXT, vendor=VENDOR),
    Attribute("MS-RAS-Client-Version", MS_RAS_CLIENT_VERSION, Kind.TEXT, vendor=VENDOR),
)
