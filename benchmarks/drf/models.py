"""GATE's tables as models, with the columns the lists and writes need and no more. Django manages none of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class Organization(models.Model):
    is_active = models.BooleanField()
    deleted = models.BooleanField()

    class Meta:
        managed = False
        db_table = "organizations_organization"


class Token(models.Model):
    digest = models.BinaryField()
    tenant_id = models.BigIntegerField()
    organization = models.ForeignKey(Organization, on_delete=models.DO_NOTHING)
    permissions = ArrayField(models.CharField(max_length=64))
    expires = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "tokens_apitoken"


class Nas(models.Model):
    short_name = models.CharField(max_length=100)

    class Meta:
        managed = False
        db_table = "nas_nas"


class Location(models.Model):
    name = models.CharField(max_length=200)

    class Meta:
        managed = False
        db_table = "places_location"


class AccessPoint(models.Model):
    name = models.CharField(max_length=200)
    mac_addr = models.CharField(max_length=17, null=True)  # noqa: DJ001  as the table has it

    class Meta:
        managed = False
        db_table = "places_accesspoint"


class Session(models.Model):
    radacctid = models.BigIntegerField(primary_key=True)
    acctsessionid = models.TextField()
    acctuniqueid = models.TextField()
    username = models.TextField()
    groupname = models.TextField(null=True)  # noqa: DJ001
    realm = models.TextField(null=True)  # noqa: DJ001
    nasipaddress = models.TextField()
    nasportid = models.TextField(null=True)  # noqa: DJ001
    nasporttype = models.TextField(null=True)  # noqa: DJ001
    acctstarttime = models.DateTimeField()
    acctupdatetime = models.DateTimeField()
    acctstoptime = models.DateTimeField(null=True)
    acctinterval = models.IntegerField(null=True)
    acctsessiontime = models.BigIntegerField()
    acctauthentic = models.TextField(null=True)  # noqa: DJ001
    connectinfo_start = models.TextField(null=True)  # noqa: DJ001
    connectinfo_stop = models.TextField(null=True)  # noqa: DJ001
    acctinputoctets = models.BigIntegerField()
    acctoutputoctets = models.BigIntegerField()
    calledstationid = models.TextField(null=True)  # noqa: DJ001
    callingstationid = models.TextField(null=True)  # noqa: DJ001
    acctterminatecause = models.TextField(null=True)  # noqa: DJ001
    servicetype = models.TextField(null=True)  # noqa: DJ001
    framedprotocol = models.TextField(null=True)  # noqa: DJ001
    framedipaddress = models.TextField(null=True)  # noqa: DJ001
    tenant_id = models.BigIntegerField()
    organization_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    user_transaction_id = models.BigIntegerField(null=True)
    nas = models.ForeignKey(Nas, on_delete=models.DO_NOTHING)
    location = models.ForeignKey(Location, on_delete=models.DO_NOTHING, null=True)
    access_point = models.ForeignKey(AccessPoint, on_delete=models.DO_NOTHING, null=True)
    nasidentifier = models.TextField(null=True)  # noqa: DJ001
    klass = models.TextField(null=True)  # noqa: DJ001
    ssid = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        managed = False
        db_table = "drf_session"


class Event(models.Model):
    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    tenant_id = models.BigIntegerField()
    organization_id = models.BigIntegerField()
    type = models.TextField()
    source = models.TextField()
    status = models.TextField()
    action = models.TextField()
    message = models.TextField()
    new_user = models.BooleanField()
    user_id = models.BigIntegerField(null=True)
    username = models.TextField(null=True)  # noqa: DJ001
    email = models.TextField(null=True)  # noqa: DJ001
    external_id = models.TextField(null=True)  # noqa: DJ001
    session_id = models.TextField(null=True)  # noqa: DJ001
    external_session = models.TextField(null=True)  # noqa: DJ001
    payment_transaction_log = models.BigIntegerField(null=True)
    service_id = models.BigIntegerField(null=True)
    service_name = models.TextField(null=True)  # noqa: DJ001
    authservice_id = models.BigIntegerField(null=True)
    authservice_name = models.TextField(null=True)  # noqa: DJ001
    site = models.TextField(null=True)  # noqa: DJ001
    page_id = models.BigIntegerField(null=True)
    page_url = models.TextField(null=True)  # noqa: DJ001
    location = models.ForeignKey(Location, on_delete=models.DO_NOTHING, null=True)
    access_point = models.ForeignKey(AccessPoint, on_delete=models.DO_NOTHING, null=True)
    ssid = models.TextField(null=True)  # noqa: DJ001
    mac_addr = models.BigIntegerField(null=True)
    captured_ip_addr = models.BigIntegerField(null=True)
    remote_ip_addr = models.BigIntegerField(null=True)
    user_agent_id = models.BigIntegerField(null=True)
    http_referer_id = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "txlog_event"


class App(models.Model):
    tenant_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "telemetry_app"


NETWORK_TYPES = [(word, word) for word in ("wi", "mo", "bl", "et")]


class ConnectionLog(models.Model):
    at = models.DateTimeField(default=timezone.now)
    tenant_id = models.BigIntegerField()
    organization_id = models.BigIntegerField()
    app = models.ForeignKey(App, on_delete=models.DO_NOTHING)
    status = models.CharField(
        max_length=12, default="active", choices=[(word, word) for word in ("active", "failed", "disconnected")]
    )
    duration = models.IntegerField(null=True)
    device_id = models.BigIntegerField(null=True)
    network_name = models.CharField(max_length=200, null=True)  # noqa: DJ001
    network_type = models.CharField(max_length=2, choices=NETWORK_TYPES)
    network_security = models.CharField(max_length=3, choices=[(word, word) for word in ("opn", "wep", "wpa", "wp2", "3gp")])
    network_mccmnc = models.CharField(max_length=6, null=True)  # noqa: DJ001
    frequency = models.FloatField(null=True)
    authentication = models.CharField(  # noqa: DJ001
        max_length=3, null=True, choices=[(word, word) for word in ("non", "cpo", "wis", "psk", "rad", "eap", "3gp")]
    )
    bssid = models.CharField(max_length=17, null=True)  # noqa: DJ001
    cellid = models.CharField(max_length=50, null=True)  # noqa: DJ001
    roaming = models.BooleanField(null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    inbytes = models.BigIntegerField(null=True)
    outbytes = models.BigIntegerField(null=True)
    link_speed = models.FloatField(null=True)
    quality_metric = models.CharField(max_length=4, null=True, choices=[("rssi", "rssi"), ("sinr", "sinr")])  # noqa: DJ001
    quality_value = models.FloatField(null=True)

    class Meta:
        managed = False
        db_table = "telemetry_connection_log"


class TestReport(models.Model):
    at = models.DateTimeField(default=timezone.now)
    tenant_id = models.BigIntegerField()
    organization_id = models.BigIntegerField()
    device_id = models.BigIntegerField(null=True)
    network_name = models.CharField(max_length=200, null=True)  # noqa: DJ001
    network_type = models.CharField(max_length=2, choices=NETWORK_TYPES)
    test_type = models.CharField(max_length=2, choices=[(word, word) for word in ("dl", "ul", "de", "jt", "dn")])
    destination = models.CharField(max_length=500)
    value = models.FloatField()
    count = models.IntegerField(null=True)
    unit = models.CharField(max_length=4, null=True, choices=[(word, word) for word in ("Kbps", "KBps", "ms")])  # noqa: DJ001

    class Meta:
        managed = False
        db_table = "telemetry_test_report"
