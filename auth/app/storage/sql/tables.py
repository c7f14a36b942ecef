"""The tables, as SQLAlchemy sees them; `migrations/` makes them."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
    text,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _owner(*, nullable: bool = False) -> Column[object]:
    return Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=nullable)


# Sorted sign by sign, so that what begins alike stands together: PostgreSQL would sort by a language's rules.
def _sorted_by_signs(length: int) -> String:
    return String(length).with_variant(String(length, collation="C"), "postgresql")


users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", String(254)),
    Column("email_key", _sorted_by_signs(254), unique=True),
    Column("email_confirmed_at", Moment),
    Column("password_hash", Text),
    Column("name", String(100)),
    Column("name_key", _sorted_by_signs(300)),
    Column("locale", String(2), nullable=False),
    Column("avatar_url", Text),
    Column("created_at", Moment, nullable=False),
    Column("blocked_at", Moment),
    Column("roles_version", Integer, nullable=False, server_default="0"),
    Index("ix_users_name_key", "name_key"),
)

social_accounts = Table(
    "social_accounts",
    metadata,
    Column("social", String(16), primary_key=True),
    Column("subject", String(255), primary_key=True),
    _owner(),
    Column("email", String(254)),
    Column("name", String(100)),
    Column("linked_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
    Index("ix_social_accounts_user_id", "user_id", "social", unique=True),
)

# No foreign key: that a session has ended must be known longer than its account, to a Redis that has lost it.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("method", String(16), nullable=False),
    Column("social", String(16)),
    Column("address", String(45), nullable=False),
    Column("user_agent", String(512), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("end_reason", String(32)),
    Index("ix_sessions_user_id", "user_id"),
    Index(
        "ix_sessions_ended_at",
        "ended_at",
        "id",
        sqlite_where=text("ended_at IS NOT NULL"),
        postgresql_where=text("ended_at IS NOT NULL"),
    ),
    Index("ix_sessions_expires_at", "expires_at"),
)

# What moves in a session, where no Redis keeps it. No foreign key: a mark of an ended session
# outlives its account.
token_states = Table(
    "token_states",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("rotated_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("ended", Boolean, nullable=False),
    Index("ix_token_states_user_id", "user_id"),
    Index("ix_token_states_expires_at", "expires_at"),
)

# Beside them, once for all sessions of a person: what a refresh puts into the next access token.
token_roles = Table(
    "token_roles",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("roles", JSON, nullable=False),
    Column("roles_version", Integer, nullable=False),
)

# On PostgreSQL one partition a month (`months.py`), which is why `at` belongs to the key. The ids of
# one process ascend even when its clock steps back, so pages of a history are cut by id.
login_history = Table(
    "login_history",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("at", Moment, nullable=False),
    _owner(nullable=True),
    Column("outcome", String(32), nullable=False),
    Column("method", String(16), nullable=False),
    Column("social", String(16)),
    Column("address", String(45), nullable=False),
    Column("user_agent", String(512), nullable=False),
    Column("session_id", Uuid),
    Column("actor_id", Uuid),
    Column("role", String(64)),
    PrimaryKeyConstraint("at", "id"),
    Index("ix_login_history_user_id", "user_id", "id"),
    postgresql_partition_by="RANGE (at)",
)

consents = Table(
    "consents",
    metadata,
    Column("id", Uuid, primary_key=True),
    _owner(),
    Column("document", String(32), nullable=False),
    Column("version", String(32), nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("address", String(45), nullable=False),
    Column("user_agent", String(512), nullable=False),
    Column("withdrawn_at", Moment),
    Index("ix_consents_user_id", "user_id"),
)

mail_tokens = Table(
    "mail_tokens",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("purpose", String(16), nullable=False),
    _owner(),
    Column("email", String(254), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("password_hash", Text),
    Column("session_id", Uuid),
    Index("ix_mail_tokens_user_id", "user_id"),
    Index("ix_mail_tokens_expires_at", "expires_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("created_at", Moment, nullable=False),
    Column("to", String(254), nullable=False),
    Column("template", String(32), nullable=False),
    Column("locale", String(2), nullable=False),
    Column("values", JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("delivered", Boolean),
    Index("ix_outbox_next_attempt_at", "next_attempt_at"),
    Index("ix_outbox_done_at", "done_at"),
)

roles = Table(
    "roles",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("title", String(100), nullable=False),
    Column("permissions", JSON, nullable=False),
)

user_roles = Table(
    "user_roles",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(64), ForeignKey("roles.name"), primary_key=True),  # a role in use stays
    Index("ix_user_roles_role", "role"),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("use", String(16), nullable=False),
    Column("algorithm", String(16), nullable=False),
    Column("private_jwk", Text, nullable=False),
    Column("activates_at", Moment, nullable=False),
    Column("retires_at", Moment),
)

service_clients = Table(
    "service_clients",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("secret_hash", LargeBinary(32), nullable=False),
    Column("created_at", Moment, nullable=False),
)
