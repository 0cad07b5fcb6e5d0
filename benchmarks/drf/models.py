"""GATE's tables as models, with the columns the list needs and no more. Django manages none of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


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
