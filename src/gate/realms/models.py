"""Home servers, pools of them, realms. A shared secret is sealed (core/seal.py), bound to its row; it is never shown again."""

from django.db import models
from django.db.models.functions import Lower

from gate.core.tenancy import Scoped


class HomeServer(Scoped):
    """A RADIUS server that answers for realms."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    host = models.CharField(max_length=253, help_text="Address or host name.")
    transport = models.CharField(
        max_length=8,
        default="udp",
        choices=[("udp", "UDP"), ("tls", "TLS (RadSec)")],
        help_text="By TLS one port carries sign-ins and accounting, and the shared secret is radsec.",
    )
    auth_port = models.PositiveIntegerField(default=1812, help_text="Port for sign-ins; by TLS usually 2083.")
    acct_port = models.PositiveIntegerField(default=1813, help_text="Port for accounting; not used by TLS.")
    tls_name = models.CharField(
        max_length=253, blank=True, default="", help_text="Name its certificate has to be for; empty: the host."
    )
    secret_sealed = models.BinaryField(editable=False)
    message_authenticator = models.CharField(
        max_length=8,
        default="require",
        choices=[("require", "Required"), ("off", "Not required")],
        help_text="Whether answers to sign-ins without it are left aside. EAP always carries it.",
    )
    timeout = models.FloatField(default=2.0, help_text="Seconds until a request that was not answered is sent again.")
    tries = models.PositiveSmallIntegerField(
        default=2, help_text="How often it is sent before the next server of the pool is asked."
    )
    health = models.CharField(
        max_length=8,
        default="status",
        choices=[("status", "It answers Status-Server"), ("answers", "By its ordinary answers")],
        help_text="How GATE finds out whether it works (RFC 5997).",
    )
    zombie_period = models.FloatField(
        default=20.0, help_text="Seconds without any answer after which a server that left a request unanswered counts as dead."
    )
    check_interval = models.FloatField(default=10.0, help_text="Seconds between two questions whether it works again.")
    revive_after = models.FloatField(
        default=60.0, help_text="Seconds after which a dead server that is not asked by Status-Server is tried again."
    )
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        ordering = ["id"]
        verbose_name = "home server"
        constraints = [models.UniqueConstraint("organization", Lower("name"), name="realms_homeserver_name_once")]

    def __str__(self) -> str:
        return self.name


class Health(models.Model):
    """What the RADIUS server last found of a home server (radiusd/proxy/health.py). Its ports are told apart."""

    server = models.OneToOneField(HomeServer, on_delete=models.CASCADE, primary_key=True, related_name="health_row")
    tenant_id = models.BigIntegerField()
    auth_state = models.TextField(db_default="unknown")
    acct_state = models.TextField(db_default="unknown")
    since = models.DateTimeField(null=True)
    last_answer = models.DateTimeField(null=True)
    checked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Health of home server {self.server_id}"


class Pool(Scoped):
    """Home servers that answer for the same realms."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    mode = models.CharField(
        max_length=8,
        default="failover",
        choices=[("failover", "The first that works"), ("balance", "Spread by device")],
        help_text="One device is always sent to one server, as long as that works.",
    )
    reply_attributes = models.TextField(
        blank=True, default="", help_text="Names of the attributes that reach the NAS, separated by commas; empty: all."
    )
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("organization", Lower("name"), name="realms_pool_name_once")]

    def __str__(self) -> str:
        return self.name


class PoolServer(models.Model):
    """A server's place in a pool."""

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.BigIntegerField()
    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="members")
    server = models.ForeignKey(HomeServer, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["pool", "server"], name="realms_poolserver_once")]

    def __str__(self) -> str:
        return f"{self.server_id} in {self.pool_id}"


class Realm(Scoped):
    """Which user names go to which pool, for the NAS of an organization and those below it."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(
        max_length=253, help_text="What stands behind the @: example.edu, *.edu, or DEFAULT for every realm not named."
    )
    description = models.TextField(blank=True, default="")
    pool = models.ForeignKey(
        Pool, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: GATE answers itself."
    )
    strip = models.BooleanField(default=False, help_text="The home server gets the user name without the realm.")
    accounting = models.BooleanField(default=True, help_text="Accounting is forwarded as well. GATE keeps its own in any case.")
    when_dead = models.CharField(
        max_length=8,
        default="silent",
        choices=[("silent", "Leave unanswered"), ("reject", "Refuse")],
        help_text="What becomes of a sign-in when no server of the pool answers.",
    )
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField()
    last_change = models.DateTimeField()

    class Meta(Scoped.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint("organization", Lower("name"), name="realms_realm_name_once")]

    def __str__(self) -> str:
        return self.name
