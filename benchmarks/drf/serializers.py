"""Rows in the order and the form of the reference."""

from rest_framework import serializers

from drf.models import ConnectionLog, Event, Session, TestReport


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


class EventSerializer(serializers.ModelSerializer):
    datetime = serializers.DateTimeField(source="at")
    organization = serializers.ReadOnlyField(source="organization_id")
    service = serializers.ReadOnlyField(source="service_id")
    authservice = serializers.ReadOnlyField(source="authservice_id")
    user = serializers.ReadOnlyField(source="user_id")
    page = serializers.ReadOnlyField(source="page_id")
    location = serializers.ReadOnlyField(source="location_id")
    location_name = serializers.ReadOnlyField(source="location.name", default=None)
    access_point = serializers.ReadOnlyField(source="access_point_id")
    access_point_name = serializers.ReadOnlyField(source="access_point.name", default=None)
    user_agent = serializers.ReadOnlyField(source="user_agent_id")
    http_referer = serializers.ReadOnlyField(source="http_referer_id")

    class Meta:
        model = Event
        fields = [
            "id", "datetime", "type", "organization", "source", "status", "message", "service", "service_name", "authservice",
            "authservice_name", "user", "username", "email", "external_id", "new_user", "session_id", "external_session",
            "payment_transaction_log", "site", "page", "page_url", "action", "location", "location_name", "access_point",
            "access_point_name", "ssid", "user_agent", "remote_ip_addr", "captured_ip_addr", "mac_addr", "http_referer",
        ]  # fmt: skip


class ConnectionLogSerializer(serializers.ModelSerializer):
    app_name = serializers.SerializerMethodField()
    app_category = serializers.SerializerMethodField()
    device_id = PrefixedId("dev")
    timestamp = serializers.DateTimeField(source="at", read_only=True)

    class Meta:
        model = ConnectionLog
        fields = [
            "network_name", "network_type", "network_security", "network_mccmnc", "frequency", "authentication", "bssid",
            "cellid", "roaming", "latitude", "longitude", "inbytes", "outbytes", "link_speed", "quality_metric", "quality_value",
            "app_name", "app_category", "status", "duration", "timestamp", "device_id",
        ]  # fmt: skip

    def get_app_name(self, row: ConnectionLog) -> None:
        """None was told."""

    def get_app_category(self, row: ConnectionLog) -> None:
        """None was told."""


class TestReportSerializer(serializers.ModelSerializer):
    timestamp = serializers.DateTimeField(source="at", read_only=True)
    device_id = PrefixedId("dev")
    status = serializers.SerializerMethodField()

    class Meta:
        model = TestReport
        fields = [
            "id", "network_name", "network_type", "test_type", "destination", "value", "count", "unit", "timestamp", "status",
            "device_id",
        ]  # fmt: skip

    def get_status(self, row: TestReport) -> str:  # noqa: ARG002
        return "processed"
