"""Packet codes: RFC 2865 section 3, RFC 2866 section 3, RFC 5176 section 2.3, RFC 5997."""

from gate.protocols.radius.codes import Code


def test_codes_and_labels_are_the_registry_s() -> None:
    assert {int(code): code.label for code in Code} == {
        1: "Access-Request",
        2: "Access-Accept",
        3: "Access-Reject",
        4: "Accounting-Request",
        5: "Accounting-Response",
        11: "Access-Challenge",
        12: "Status-Server",
        40: "Disconnect-Request",
        41: "Disconnect-ACK",
        42: "Disconnect-NAK",
        43: "CoA-Request",
        44: "CoA-ACK",
        45: "CoA-NAK",
    }
