"""Sign-ins: while one look-up is under way the next requests gather, then all their users are read in one query.

Order of work for one request: read the credential, look the user up, prove the credential, let `access.rules.decide` decide,
answer, log. Argon2 runs in a small bounded pool of threads, only where no keyed verifier can tell (docs/decisions/).

A request that offers no password but its device (MAC authentication, or a guest's name alone) is looked up among the sessions
that portals opened and the MAC addresses that are known as well, in the same query; a batch without one asks nothing of these.
"""

import asyncio
import datetime as dt
import logging
from concurrent.futures import ThreadPoolExecutor

import psycopg

from gate.access import rules, sql
from gate.access.explain import Step
from gate.access.types import Facts, Grant, PortalFacts, Proof, Reason, Refusal, StationFacts, UserFacts
from gate.database import arrays
from gate.database.link import HotLink, LinkLost
from gate.protocols.radius.codes import Code
from gate.protocols.radius.dictionary import rfc2865, rfc2869
from gate.radiusd import replies, translate
from gate.radiusd.credentials import Credential, lone_device, prove_chap, read_credential, recoverable
from gate.radiusd.eap import Eap
from gate.radiusd.found import Row
from gate.radiusd.gather import Batches
from gate.radiusd.guesses import Guesses
from gate.radiusd.journal import Journal, SignIn
from gate.radiusd.metrics import Metrics
from gate.radiusd.request import Answers, Request
from gate.radiusd.standing import Standing, Waiting, sort_out
from gate.radiusd.store import Store
from gate.radiusd.turn import Turn
from gate.settings import Settings
from gate.users.hashing import check_password, check_verifier, hash_password, make_verifier, outdated

log = logging.getLogger(__name__)

BACKLOG = 4096
HASHING_THREADS, HASHING_BACKLOG = 2, 200
"""Argon2 costs 20 ms: 200 waiting are two seconds, after which a NAS has sent its request again anyway."""
LAST_LOGIN_AGE = 3600.0
"""Seconds `last_login` may lag, so that a sign-in seldom writes to the user's row."""
SUBSCRIBER = "device_user"


class Authenticator:
    """Takes Access-Requests and answers them."""

    def __init__(
        self, *, links: list[HotLink], store: Store, answers: Answers, journal: Journal, metrics: Metrics, settings: Settings
    ) -> None:
        self._links = links
        self._store = store
        self._answers = answers
        self._journal = journal
        self._metrics = metrics
        self._waiting: Batches[Waiting] = Batches(backlog=BACKLOG)
        self._guesses = Guesses(limit=settings.radius_guesses)
        self._hashers = ThreadPoolExecutor(max_workers=HASHING_THREADS, thread_name_prefix="argon2")
        self._hashing: set[asyncio.Task[None]] = set()
        self.eap = Eap(
            settings=settings,
            answers=answers,
            metrics=metrics,
            sign_ins=self,
            authorities=store.trusted,
        )

    @property
    def queue(self) -> Batches[Waiting]:
        """What waits for PostgreSQL."""
        return self._waiting

    def handle(self, request: Request) -> None:
        """Take one Access-Request; never waits."""
        username = translate.text(request.packet.get(rfc2865.USER_NAME)) or ""
        elsewhere = request.client.elsewhere
        if elsewhere is not None and elsewhere.sign_in(request, username):
            return
        if request.packet.get(rfc2869.EAP_MESSAGE) is not None:
            self.eap.handle(request, username)
            return
        credential = read_credential(request)
        credential.device = lone_device(request, username, credential)
        if not self._waiting.put((request, username, credential)):
            self._answers.drop(request, "sign-in-backlog")

    def ask(self, request: Request, username: str, *, method: str, password: bytes | None, turn: Turn) -> bool:
        """Look a user up and prove what an EAP conversation brought; False where the backlog is full."""
        if self._waiting.put((request, username, Credential(method, password=password, turn=turn))):
            return True
        self._answers.drop(request, "sign-in-backlog")
        return False

    def conclude(
        self,
        request: Request,
        username: str,
        *,
        method: str,
        turn: Turn,
        row: Row | None,
        proof: Proof | None,
        detail: str,
        trace: tuple[Step, ...],
    ) -> None:
        """Refuse what an EAP conversation came to: by its proof or, where it came to none, because EAP failed."""
        credential = Credential(method, turn=turn)
        if proof is not None:
            self._decide(request, username, credential, row, proof)
        else:
            refusal = Refusal(Reason.EAP_FAILED, "".join(sign for sign in detail[:200] if sign.isprintable()))
            self._refuse(request, credential)
            self._record(request, username, credential, row, refusal, trace)

    async def work(self, number: int) -> None:
        """Worker `number`, until cancelled."""
        link = self._links[number]
        while True:
            await self._answer(link, await self._waiting.take(number))

    def close(self) -> None:
        """Let the threads go."""
        self.eap.close()
        self._hashers.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, link: HotLink, batch: list[Waiting]) -> None:
        tenants = arrays.literal("bigint", [request.client.tenant_id for request, _, _ in batch])
        keys = arrays.literal("text", [username.casefold() for _, username, _ in batch])
        devices = [(request.client.tenant_id, held.device, n) for n, (request, _, held) in enumerate(batch, 1) if held.device]
        try:
            if devices:
                columns = arrays.literals(("bigint", "text", "bigint"), devices)
                found = await link.run(sql.LOOK_UP_GUESTS, [tenants, keys, *columns])
            else:
                found = await link.run(sql.LOOK_UP, [tenants, keys])
        except (LinkLost, psycopg.Error) as error:
            # Unanswered, the NAS asks again, here or elsewhere; a refusal would send the guest away.
            log.warning("Cannot look users up, %d sign-ins are not answered: %s", len(batch), error)
            for request, _, _ in batch:
                self._answers.drop(request, "database-away")
            return
        guests: dict[int, Standing] = {}
        if devices:
            rows, guests = sort_out(found, batch)
        else:
            rows = {row.n: row for row in map(Row._make, found)}
        if (self._store.counted or self._store.users_counted) and not await self._count_sessions(link, batch, rows, guests):
            return
        self._metrics["sign-in.batches"] += 1
        for n, (request, username, credential) in enumerate(batch, start=1):
            try:
                if n in guests:
                    self._admit(request, username, credential, guests[n])
                else:
                    self._prove(request, username, credential, rows.get(n))
            except Exception:
                # A fault of GATE's own, told: it must not end the sign-ins of everybody else.
                log.exception("A sign-in at NAS %s met a fault and is not answered", request.client.nas_id)
                self._answers.drop(request, "fault")

    async def _count_sessions(
        self, link: HotLink, batch: list[Waiting], rows: dict[int, Row], guests: dict[int, Standing]
    ) -> bool:
        """Count what is open for those who are limited in it; asks nothing where that is nobody. False: PostgreSQL is away."""
        asked = []
        for n, (request, _, _) in enumerate(batch, 1):
            row = guests[n].row if n in guests else rows.get(n)
            if row is not None and (row.max_sessions is not None or not self._store.counted.isdisjoint(row.profile_ids)):
                mac = translate.plain_station(translate.text(request.packet.get(rfc2865.CALLING_STATION_ID)))
                asked.append((n, row.id, request.client.nas_id, mac))
        if not asked:
            return True
        try:
            found = await link.run(sql.OPEN, arrays.literals(sql.OPEN_TYPES, asked))
        except (LinkLost, psycopg.Error) as error:
            log.warning("Cannot count open sessions, %d sign-ins are not answered: %s", len(batch), error)
            for request, _, _ in batch:
                self._answers.drop(request, "database-away")
            return False
        for n, sessions in found:
            batch[n - 1][2].sessions = sessions
        return True

    def _admit(self, request: Request, username: str, credential: Credential, standing: Standing) -> None:
        """Let a portal's session, or a MAC address that is known, speak for the device."""
        proof = Proof.PORTAL if standing.station is None else standing.station.proof
        credential.method = proof
        portal, station = standing.portal_facts(request, self._store), standing.station_facts(request, self._store)
        self._decide(request, username, credential, standing.row, proof, portal, station)

    def _prove(self, request: Request, username: str, credential: Credential, row: Row | None) -> None:
        if row is None:
            self._decide(request, username, credential, None, Proof.WRONG)
            return
        guessed = self._guesses.known(
            user_id=row.id, password_version=row.password_version, password=credential.password, now=request.at
        )
        if guessed is not None:
            self._decide(request, username, credential, row, guessed)
        elif credential.password is not None:
            verdict = check_verifier(
                row.verifier, user_id=row.id, password_version=row.password_version, password=credential.password
            )
            if verdict is not None:
                self._proved(request, username, credential, row, Proof.RIGHT if verdict else Proof.WRONG)
            elif not row.password:
                self._proved(request, username, credential, row, Proof.WRONG)
            else:
                self._hash(request, username, credential, row)
        elif credential.chap_password is not None:
            kept = row.organization_id in self._store.recoverable
            self._proved(request, username, credential, row, prove_chap(credential, row) if kept else Proof.UNVERIFIABLE)
        elif credential.turn is not None:
            kept = row.organization_id in self._store.recoverable
            self._proved(request, username, credential, row, credential.turn.prove(row, recoverable(row) if kept else None))
        else:
            self._decide(request, username, credential, row, Proof.ABSENT)

    def _proved(self, request: Request, username: str, credential: Credential, row: Row, proof: Proof) -> None:
        """Decide by what a check came to, and remember that it was wrong."""
        if proof is Proof.WRONG:
            self._guesses.wrong(
                user_id=row.id, password_version=row.password_version, password=credential.password, now=request.at
            )
        self._decide(request, username, credential, row, proof)

    def _hash(self, request: Request, username: str, credential: Credential, row: Row) -> None:
        if len(self._hashing) >= HASHING_BACKLOG:
            self._answers.drop(request, "hashing-backlog")
            return
        task = asyncio.get_running_loop().create_task(self._prove_slowly(request, username, credential, row))
        self._hashing.add(task)
        task.add_done_callback(self._hashing.discard)

    async def _prove_slowly(self, request: Request, username: str, credential: Credential, row: Row) -> None:
        password = credential.password or b""
        loop = asyncio.get_running_loop()
        text = password.decode("utf-8", "replace")
        right = await loop.run_in_executor(self._hashers, check_password, text, row.password)
        self._metrics["sign-in.argon2"] += 1
        try:
            if right and row.role == SUBSCRIBER:
                verifier = make_verifier(user_id=row.id, password_version=row.password_version, password=password)
                self._journal.keep_verifier(verifier=verifier, user_id=row.id, password_version=row.password_version)
            self._proved(request, username, credential, row, Proof.RIGHT if right else Proof.WRONG)
        except Exception:
            log.exception("A sign-in at NAS %s met a fault and is not answered", request.client.nas_id)
            self._answers.drop(request, "fault")
        if right and outdated(row.password):
            # Answered already: nobody waits for it.
            own = await loop.run_in_executor(self._hashers, hash_password, text)
            self._journal.keep_hash(password_hash=own, user_id=row.id, in_place_of=row.password)

    def _decide(
        self,
        request: Request,
        username: str,
        credential: Credential,
        row: Row | None,
        proof: Proof,
        portal: PortalFacts | None = None,
        station: StationFacts | None = None,
    ) -> None:
        turn = credential.turn
        if turn is not None and turn.asks:
            turn.proved(row, proof)
            return
        password = None if credential.password is None else credential.password.decode("utf-8", "replace")
        facts = Facts(
            user=None if row is None else self._user_facts(row),
            proof=proof,
            request=translate.RequestWords(request.packet, password=password),
            portal=portal,
            sessions=credential.sessions,
            zone=self._store.zones.get(request.client.organization_id, dt.UTC),
            station=station,
        )
        decision = rules.decide(facts, dt.datetime.fromtimestamp(request.at, tz=dt.UTC))
        match decision:
            case Grant():
                attributes = replies.encode(decision, facts.request, request.client.vendor)
                if turn is not None and row is not None:
                    attributes += turn.accepted(request, row, decision)
                self._answers.reply(request, Code.ACCESS_ACCEPT, attributes)
                self._metrics["sign-in.accepted"] += 1
            case Refusal():
                self._refuse(request, credential)
        self._record(request, username, credential, row, decision, facts)

    def _refuse(self, request: Request, credential: Credential) -> None:
        self._answers.reply(request, Code.ACCESS_REJECT, b"" if credential.turn is None else credential.turn.rejected())
        self._metrics["sign-in.refused"] += 1

    def _user_facts(self, row: Row) -> UserFacts:
        known = self._store.profiles
        return UserFacts(
            id=row.id,
            organization_id=row.organization_id,
            organization_active=row.organization_id in self._store.organizations,
            is_active=row.is_active,
            expiration=row.expiration,
            credit=row.seconds,
            klass=row.klass,
            # A profile assigned this instant and not yet in memory would be a check left out: refuse until it is known.
            profiles=tuple(known.get(number, replies.UNKNOWN_PROFILE) for number in row.profile_ids),
            max_sessions=row.max_sessions,
        )

    def _record(
        self,
        request: Request,
        username: str,
        credential: Credential,
        row: Row | None,
        decision: Grant | Refusal,
        facts: Facts | tuple[Step, ...] | None = None,
    ) -> None:
        client, packet = request.client, request.packet
        called = translate.text(packet.get(rfc2865.CALLED_STATION_ID))
        mac, _ = translate.station(called)
        point = self._store.access_points.get((client.tenant_id, mac)) if mac is not None else None
        accepted = isinstance(decision, Grant)
        self._journal.record(
            SignIn(
                request.at,
                client.tenant_id,
                client.organization_id if point is None else point[1],
                client.nas_id,
                None if row is None else row.id or None,  # a MAC address may be nobody's
                None if point is None else point[0],
                username,
                translate.text(packet.get(rfc2865.CALLING_STATION_ID)),
                called,
                credential.method,
                accepted,
                "" if isinstance(decision, Grant) else f"{decision.reason} {decision.detail}".rstrip(),
                # An ordinary grant needs no trace: whole requests kept until the next write would cost more than all else here.
                None if isinstance(decision, Grant) and decision.is_usual else facts,
                decision,
            )
        )
        if accepted and row is not None:
            seen = None if row.last_login is None else row.last_login.timestamp()
            if seen is None or request.at - seen > LAST_LOGIN_AGE:
                self._journal.logged_in(user_id=row.id, at=request.at)
        if isinstance(decision, Grant) and decision.portal is not None:
            self._journal.let_in(portal_session_id=decision.portal.id, at=request.at)
