"""The tables of a memory, in SQLite or PostgreSQL, and their version."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    inspect,
    select,
)

from translator.errors import UserError

VERSION = 1
_LOCK = 7_276_014_001  # any number that nobody else locks: one machine at a time makes the tables

_metadata = MetaData()


def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True)


version = Table("memory_version", _metadata, Column("version", Integer, nullable=False))

context = Table(
    "memory_context",
    _metadata,
    _id(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("fingerprint", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("glossary", Text, nullable=False),
    Column("name", Text, nullable=False),
)

machine = Table(
    "memory_machine",
    _metadata,
    _id(),
    Column("context", ForeignKey(context.c.id), nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("created", Text, nullable=False),
    Column("detail", Text, nullable=False),
    UniqueConstraint("context", "key"),
)

# A later correction is added, so that no earlier one is lost to it; the latest of a key is in force.
human = Table(
    "memory_human",
    _metadata,
    _id(),
    Column("key", LargeBinary, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("created", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("memory_human_key", "key", "created", "id"),
)


def has_tables(connection: Connection, name: str) -> bool:
    """Whether a database holds a memory. Raises UserError for a newer memory's, and for an SQLite file of something else."""
    tables = inspect(connection).get_table_names()
    if version.name not in tables:
        if tables and connection.dialect.name == "sqlite":
            raise UserError(f"{name} is a database, but not a translation memory: give --memory another file")
        return False
    found = connection.execute(select(func.max(version.c.version))).scalar() or 0
    if found > VERSION:
        raise UserError(
            f"the memory {name} was made by a newer version of translator (its tables are of version {found}, this one knows {VERSION}): "
            "update translator, or give --memory another place"
        )
    return True


def create_tables(connection: Connection) -> None:
    """Makes the tables of an empty memory; of several machines that come at once, the first does."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if not inspect(connection).has_table(version.name):
        _metadata.create_all(connection)
        connection.execute(version.insert().values(version=VERSION))
