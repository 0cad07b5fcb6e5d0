"""The 38 fields of a session, in the order and the form of the reference."""

from rest_framework import serializers

from drf.models import Session


class PrefixedId(serializers.Field):
    """`org_789` for 789."""

    def __init__(self, prefix: str, *, source: str | None = None) -> None:
        super().__init__(read_only=True, source=source)
        self.prefix = prefix

    def to_representation(self, value: int) -> str:
        return f"{self.prefix}_{value}"


class SessionSerializer(serializers.ModelSerializer):
    organization_id = PrefixedId("org")
    user_id = PrefixedId("user")
    user_transaction_id = PrefixedId("txn")
    client_id = PrefixedId("client", source="nas_id")
    client_short_name = serializers.ReadOnlyField(source="nas.short_name")
    location_id = PrefixedId("loc")
    access_point_id = PrefixedId("ap")
    access_point_name = serializers.ReadOnlyField(source="access_point.name", default=None)
    location_name = serializers.ReadOnlyField(source="location.name", default=None)
    access_point_mac_addr = serializers.ReadOnlyField(source="access_point.mac_addr", default=None)

    class Meta:
        model = Session
        fields = [
            "radacctid", "acctsessionid", "acctuniqueid", "username", "groupname", "realm", "nasipaddress", "nasportid",
            "nasporttype", "acctstarttime", "acctupdatetime", "acctstoptime", "acctinterval", "acctsessiontime",
            "acctauthentic", "connectinfo_start", "connectinfo_stop", "acctinputoctets", "acctoutputoctets", "calledstationid",
            "callingstationid", "acctterminatecause", "servicetype", "framedprotocol", "framedipaddress", "organization_id",
            "user_id", "user_transaction_id", "client_id", "client_short_name", "location_id", "access_point_id",
            "access_point_name", "location_name", "nasidentifier", "klass", "access_point_mac_addr", "ssid",
        ]  # fmt: skip
