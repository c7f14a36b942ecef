"""Choose the adapters, open what has to be opened, and put the services together."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from limits.aio.storage import MemoryStorage
from limits.aio.storage import Storage as Counters

from app.accounts.consents import ConsentPolicy
from app.accounts.hashing import argon2id_of
from app.accounts.passwords import PasswordHasher
from app.accounts.services import AccountServices
from app.errors import TemporarilyUnavailable
from app.http.health import Probe, Probes
from app.http.limits import RateLimits
from app.http.principal import Principal
from app.mail.deliver import MailServices
from app.mail.smtp import SmtpMailer
from app.ports.clock import Clock, SystemClock
from app.ports.ephemeral import Ephemeral
from app.ports.storage import SchemaState
from app.ports.tokens import TokenStore
from app.roles.catalogue import RoleCatalogue
from app.roles.services import RoleServices
from app.sessions.authenticate import authenticate
from app.sessions.keyring import KeyRingCache, ensure_keys
from app.sessions.repeat_ends import repeat_ends
from app.sessions.revocations import RevocationFeed
from app.sessions.service_clients import ServiceClients
from app.sessions.services import SessionServices
from app.sessions.tokens import TokenPolicy
from app.settings import Settings
from app.social.catalogue import build_catalogue
from app.social.provider_http import ProviderHttp
from app.social.return_urls import ReturnUrls
from app.social.services import SocialServices
from app.social.turns import Turns
from app.storage.memory.ephemeral import MemoryEphemeral
from app.storage.sql.engine import open_engine, unhurried_engine
from app.storage.sql.schema import migrate, read_state, read_statements
from app.storage.sql.storage import SqlStorage
from app.storage.sql.token_store import SqlTokenStore


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that requests and commands work with.

    Attributes:
        mail: absent where no mail server is configured.
    """

    settings: Settings
    storage: SqlStorage
    accounts: AccountServices
    roles: RoleServices
    sessions: SessionServices
    social: SocialServices
    limits: RateLimits
    probes: Probes
    mail: MailServices | None

    async def authenticate(self, access_token: str) -> Principal:
        """`http.principal.Authenticate` on our own sessions."""
        return await authenticate(self.sessions, access_token)


@dataclass(frozen=True, kw_only=True)
class Volatile:
    """What changes with every request: in Redis, or embedded."""

    tokens: TokenStore
    ephemeral: Ephemeral
    counters: Counters
    probes: Probes


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """Open the services of one process; everything is closed again on leaving.

    Raises:
        SchemaUnknown: the database was written by a newer version.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        await upgrade_schema(settings)
        engine = open_engine(settings.database_url.value, settings.data_dir)
        stack.push_async_callback(engine.dispose)
        storage = SqlStorage(engine)
        await ensure_keys(storage, clock, algorithm=settings.signature_algorithm)
        http = ProviderHttp.open(public_only=settings.is_production, ca_file=settings.provider_ca_file)
        stack.push_async_callback(http.close)
        passwords = _open_hasher(settings)
        stack.callback(passwords.close)
        volatile = await _open_volatile(settings, clock, storage, SqlTokenStore(engine), stack)
        yield _assemble(settings, clock, storage, volatile, http, passwords)


async def upgrade_schema(settings: Settings) -> None:
    """Bring the schema up to date, however long it takes.

    Raises:
        SchemaUnknown: the database was written by a newer version.
        TemporarilyUnavailable: the database does not let us; the detail says why.
    """
    async with _schema_engine(settings) as engine:
        await migrate(engine)


async def read_schema(settings: Settings) -> SchemaState:
    """Where the schema stands.

    Raises:
        SchemaUnknown: the database was written by a newer version.
        TemporarilyUnavailable: the database does not tell; the detail says why.
    """
    async with _schema_engine(settings) as engine:
        return await read_state(engine)


async def describe_upgrade(settings: Settings) -> str:
    """The SQL that `upgrade_schema` would run.

    Raises:
        SchemaUnknown, TemporarilyUnavailable: as above.
    """
    async with _schema_engine(settings) as engine:
        return await read_statements(engine)


def _schema_engine(settings: Settings) -> AbstractAsyncContextManager[Any]:
    if not settings.database_url:
        _make_private(settings)
    return unhurried_engine(settings.database_url.value, settings.data_dir)


def preload(settings: Settings) -> None:
    """Import what `open_services` imports at first use; processes that are forked afterwards share it."""
    open_engine(settings.database_url.value, settings.data_dir)  # the driver; nothing is connected before it is used
    if settings.redis_url:
        import app.storage.redis.stores  # noqa: F401, PLC0415


def _assemble(
    settings: Settings,
    clock: Clock,
    storage: SqlStorage,
    volatile: Volatile,
    http: ProviderHttp,
    passwords: PasswordHasher,
) -> Services:
    roles = RoleServices(storage=storage, catalogue=RoleCatalogue(storage, clock))
    sessions = SessionServices(
        storage=storage,
        tokens=volatile.tokens,
        keys=KeyRingCache(storage, clock),
        roles=roles.catalogue,
        clients=ServiceClients(storage, clock),
        revocations=RevocationFeed(storage, clock),
        clock=clock,
        policy=_token_policy(settings),
        reset_page_url=settings.reset_page_url or f"{settings.api_url}/password/reset",
        deny_page_url=settings.deny_page_url or f"{settings.api_url}/login/deny",
    )
    accounts = _account_services(settings, sessions, storage, passwords)
    return Services(
        settings=settings,
        storage=storage,
        accounts=accounts,
        roles=roles,
        sessions=sessions,
        social=_social_services(settings, accounts, storage, volatile.ephemeral, http),
        limits=RateLimits(clock, volatile.counters, enabled=settings.rate_limits),
        probes={"database": storage.ping, **volatile.probes},
        mail=_mail_services(settings, clock, storage),
    )


def _account_services(
    settings: Settings, sessions: SessionServices, storage: SqlStorage, passwords: PasswordHasher
) -> AccountServices:
    return AccountServices(
        storage=storage,
        passwords=passwords,
        sessions=sessions,
        clock=sessions.clock,
        confirm_page_url=settings.confirm_page_url or f"{settings.api_url}/email/confirm",
        reset_page_url=sessions.reset_page_url,
        undo_page_url=settings.undo_page_url or f"{settings.api_url}/email/undo",
        require_confirmed_email=settings.require_confirmed_email,
        consents=ConsentPolicy.of(settings.consents, settings.consents_optional),
    )


def _social_services(
    settings: Settings, accounts: AccountServices, storage: SqlStorage, ephemeral: Ephemeral, http: ProviderHttp
) -> SocialServices:
    return SocialServices(
        storage=storage,
        ephemeral=ephemeral,
        sessions=accounts.sessions,
        accounts=accounts,
        catalogue=build_catalogue(settings, http, accounts.clock),
        http=http,
        turns=Turns(),
        return_urls=ReturnUrls(front_ends(settings)),
        native_redirect_uris=frozenset(settings.native_redirect_uris),
        clock=accounts.clock,
    )


async def _open_volatile(
    settings: Settings, clock: Clock, storage: SqlStorage, embedded: SqlTokenStore, stack: AsyncExitStack
) -> Volatile:
    address = settings.redis_address
    if address is None:
        return Volatile(tokens=embedded, ephemeral=MemoryEphemeral(clock), counters=MemoryStorage(), probes={})
    from app.storage.redis.stores import open_redis  # noqa: PLC0415 - 14 MB

    redis = open_redis(address, clock, catch_up=lambda tokens: repeat_ends(storage, tokens, clock))
    stack.push_async_callback(redis.close)
    with suppress(TemporarilyUnavailable):  # met now, while the database is here; the service begins without it, too
        await redis.ping()
    return Volatile(
        tokens=redis.tokens, ephemeral=redis.ephemeral, counters=redis.counters, probes={"redis": redis.ping}
    )


@asynccontextmanager
async def open_probes(settings: Settings) -> AsyncIterator[Probes]:
    """Reach the servers that hold the data, and nothing more: no schema is needed. The embedded stores have none."""
    async with AsyncExitStack() as stack:
        probes: dict[str, Probe] = {}
        if settings.database_url:
            engine = open_engine(settings.database_url.value, settings.data_dir)
            stack.push_async_callback(engine.dispose)
            probes["database"] = SqlStorage(engine).ping
        if settings.redis_address:
            from app.storage.redis.client import RedisClient  # noqa: PLC0415 - 14 MB

            redis = RedisClient(settings.redis_address)
            stack.push_async_callback(redis.close)
            probes["redis"] = redis.ping
        yield probes


def front_ends(settings: Settings) -> tuple[str, ...]:
    """Where sign-ins may return to; in development also to the page that the service itself shows."""
    own = () if settings.is_production else (f"{settings.origin}/",)
    return (*settings.return_urls, *own)


def _mail_services(settings: Settings, clock: Clock, storage: SqlStorage) -> MailServices | None:
    """Delivery, where there is a mail server; without one the development page shows what waits."""
    email = settings.email
    if not email.host:
        return None
    mailer = SmtpMailer(
        host=email.host,
        port=email.port,
        user=email.user,
        password=email.password.value,
        sender=email.from_,
        tls=email.tls,
    )
    return MailServices(storage=storage, mailer=mailer, clock=clock)


def _token_policy(settings: Settings) -> TokenPolicy:
    return TokenPolicy(
        issuer=settings.origin,
        audience=settings.audience,
        access_ttl=settings.access_ttl,
        refresh_idle_ttl=settings.refresh_idle_ttl,
        refresh_absolute_ttl=settings.refresh_absolute_ttl,
        reuse_window=settings.refresh_reuse_window,
    )


def _open_hasher(settings: Settings) -> PasswordHasher:
    parameters = argon2id_of(
        memory_kib=settings.argon2_memory_kib,
        time_cost=settings.argon2_time_cost,
        parallelism=settings.argon2_parallelism,
    )
    return PasswordHasher(
        parameters,
        processes=max(1, settings.hash_threads // settings.workers),
        queue=settings.hash_queue,
    )


def _make_private(settings: Settings) -> None:
    """The data folder holds keys and hashes: nobody else on this machine may look into it."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)
