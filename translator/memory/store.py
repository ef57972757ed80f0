"""The memory: entries in, entries out, in batches that are stored whole or not at all."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, Table, and_, func, literal_column, or_, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from translator.errors import UserError
from translator.memory.database import DamagedMemoryError, Database
from translator.memory.entry import Context, Entry, Origin, Stored, format_date, normalised, source_key
from translator.memory.schema import context as contexts
from translator.memory.schema import human, machine

Item = TypeVar("Item")
_KEYS = 500  # in one statement
_PAGE = 1000  # rows read at once where all are wanted


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of what one context (None: people) has in a memory; dates are those of the first and the last entry."""

    context: Context | None
    entries: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a memory holds. `replaced` counts corrections that later ones took the place of, `size` is in bytes."""

    parts: tuple[Part, ...]
    replaced: int
    size: int


class Memory:
    """A translation memory. Use as a context manager, or close() it. Machine entries belong to a context, human ones to all.

    All methods raise UserError with what to do: where a lock or a server is waited for in vain, the disk is full, the file is
    damaged. Each may then be called again; nothing is stored by halves or twice.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[database.dialect]

    @classmethod
    def open(cls, location: str | Path | None = None, *, create: bool = True, patience: float = 30.0) -> "Memory":
        """The memory in a file, or at `postgresql://user@host:port/database`.

        None: where the environment variable TRANSLATOR_MEMORY says, else memory.sqlite in the user's data folder. It is made
        where there is none, unless `create` is False. `patience`: seconds to wait for a lock, or a server that went away.
        """
        return cls(Database(location, create=create, patience=patience))

    def __enter__(self) -> "Memory":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._database.close()

    @property
    def location(self) -> str:
        """Where it is, for messages: without a password."""
        return self._database.name

    def machine(self, context: Context, sources: Sequence[str]) -> dict[str, Entry]:
        """What the machine of a context made of sources, by the source as given; those it has not seen are missing.

        Sources are recognised when normalised, so an entry's own source may have other white space.
        """
        of_context = select(contexts.c.id).where(contexts.c.digest == context.digest).scalar_subquery()
        query = select(machine.c.key, *_columns(machine)).where(machine.c.context == of_context)
        return self._found(query, machine, sources, "machine")

    def human(self, sources: Sequence[str]) -> dict[str, Entry]:
        """The correction in force for each source that has one, by the source as given."""
        query = select(human.c.key, *_columns(human)).order_by(human.c.created, human.c.id)
        return self._found(query, human, sources, "human")

    def has_held(self, corrections: Mapping[str, str]) -> set[str]:
        """The sources for which these very targets are among a person's, in force or not."""
        keys = {source: source_key(source) for source in corrections}

        def look_up(connection: Connection) -> set[tuple[bytes, str]]:
            query = select(human.c.key, human.c.target)
            chunks = _batches(dict.fromkeys(keys.values()), _KEYS)
            return {(key, target) for chunk in chunks for key, target in connection.execute(query.where(human.c.key.in_(chunk)))}

        held = self._database.read(look_up) if corrections else set()
        return {source for source, target in corrections.items() if (keys[source], target) in held}

    def add(self, context: Context, entries: Iterable[Entry]) -> None:
        """Stores what the machine of a context made, in place of what was there."""
        rows = {key: _row(key, entry) for entry in entries for key in [source_key(entry.source)]}
        insert = self._insert(machine)
        changed = {name: insert.excluded[name] for name in ("source", "target", "score", "created", "detail")}
        statement = insert.on_conflict_do_update(index_elements=["context", "key"], set_=changed)

        def store(connection: Connection) -> None:
            number = self._context_id(connection, context)
            # in order of keys, so that two machines with the same sources wait for each other instead of locking each other out
            connection.execute(statement, [{**rows[key], "context": number} for key in sorted(rows)])

        if rows:
            self._database.write(store)

    def add_human(self, entries: Iterable[Entry]) -> int:
        """Stores corrections; the latest by date is in force, and earlier ones are kept. Returns how many came in force by this.

        One without a date is made now, and later than all that are there for its source. What is stored already is not stored twice:
        the same target of the same date, or one without a date that is in force.
        """
        given = [(source_key(entry.source), entry) for entry in entries]

        def store(connection: Connection) -> int:
            known: set[tuple[bytes, str, str]] = set()
            in_force: dict[bytes, tuple[str, str]] = {}
            query = select(human.c.key, human.c.created, human.c.target).order_by(human.c.created, human.c.id)
            for keys in _batches(dict.fromkeys(key for key, _ in given), _KEYS):
                for key, created, target in connection.execute(query.where(human.c.key.in_(keys))):
                    known.add((key, created, target))
                    in_force[key] = (created, target)
            rows, changed = [], set()
            for key, entry in given:
                since, target = in_force.get(key, ("", None))
                row = _row(key, entry)
                if not entry.created:
                    row["created"] = max(row["created"], since)  # what is said now holds, whatever another clock said before
                is_stored = (key, row["created"], entry.target) in known if entry.created else entry.target == target
                if is_stored:
                    continue
                rows.append(row)
                known.add((key, row["created"], entry.target))
                if row["created"] >= since:
                    in_force[key] = (row["created"], entry.target)
                    changed |= {key} if entry.target != target else set()
            if rows:
                connection.execute(human.insert(), rows)
            return len(changed)

        return self._database.write(store) if given else 0

    def withdraw(self, source: str, target: str) -> None:
        """Takes back the correction in force for a source, if it is this one; the one before it is in force again."""

        def take_back(connection: Connection) -> None:
            query = select(human.c.id, human.c.target).where(human.c.key == source_key(source))
            latest = connection.execute(query.order_by(human.c.created.desc(), human.c.id.desc()).limit(1)).first()
            if latest and latest.target == target:
                connection.execute(human.delete().where(human.c.id == latest.id))

        self._database.write(take_back)

    def add_all(self, entries: Iterable[Stored]) -> tuple[int, int, int]:
        """Stores entries of any context, a batch at a time: how many were of machines, of people, and of these came in force."""
        machines = people = new = 0
        for batch in _batches(entries, _PAGE):
            made_by: dict[Context | None, list[Entry]] = {}
            for stored in batch:
                made_by.setdefault(stored.context, []).append(stored.entry)
            corrections = made_by.pop(None, [])
            for context, made in made_by.items():
                self.add(context, made)  # type: ignore[arg-type] # None is no longer among them
                machines += len(made)
            new += self.add_human(corrections)
            people += len(corrections)
        return machines, people, new

    def human_version(self) -> str:
        """A hash of the corrections in force; empty where there are none."""
        query = select(human.c.key, human.c.target).where(~_replaced()).order_by(human.c.key)
        rows = self._database.read(lambda connection: connection.execute(query).all())
        digest = hashlib.sha256()
        for key, target in rows:
            digest.update(bytes(key) + target.encode() + b"\0")
        return digest.hexdigest()[:32] if rows else ""

    def entries(self, origin: Origin | None = None, *, history: bool = False, damaged: list[int] | None = None) -> Iterator[Stored]:
        """All entries, or those of an origin, machine entries first; with `history`, earlier corrections as well.

        Where `damaged` is given, what cannot be read is left out and its number put there, instead of raising DamagedMemoryError.
        """
        for query, table in self._queries(origin, history):
            lost: list[int] = []
            for row in self._rows(query, table, None if damaged is None else lost):
                yield _as_stored(row, table)
            if damaged is not None:
                damaged += lost

    def search(self, words: str, limit: int, origin: Origin | None = None) -> list[Stored]:
        """Entries whose source or target holds a text, whatever its case; corrections first, with those that were replaced."""
        wanted = normalised(words)
        queries = list(self._queries(origin, history=True))[::-1]

        def look(connection: Connection) -> list[Stored]:
            found: list[Stored] = []
            for query, table in queries:
                holds = [table.c[side].icontains(wanted, autoescape=True) for side in ("source", "target")]
                rows = connection.execute(query.where(or_(*holds)).order_by(table.c.id.desc()).limit(limit - len(found)))
                found += [_as_stored(row, table) for row in rows]
            return found

        return self._database.read(look)

    def statistics(self) -> Statistics:
        """What the memory holds."""

        def count(connection: Connection) -> Statistics:
            figures = (func.count(), func.min(machine.c.created), func.max(machine.c.created))
            rows = connection.execute(select(contexts, *figures).join(machine).group_by(contexts.c.id).order_by(contexts.c.id)).all()
            parts = [Part(Context(row.fingerprint, row.settings, row.glossary, row.name), *row[-3:]) for row in rows]
            current = select(func.count(), func.min(human.c.created), func.max(human.c.created)).where(~_replaced())
            corrections, first, last = connection.execute(current).one()
            if corrections:
                parts.append(Part(None, corrections, first, last))
            total = connection.execute(select(func.count()).select_from(human)).scalar_one()
            return Statistics(tuple(parts), total - corrections, connection.execute(self._size()).scalar_one())

        return self._database.read(count)

    def prune(
        self, *, keep_models: Sequence[str] = (), older_than: float | None = None, origin: Origin = "machine", dry_run: bool = False
    ) -> int:
        """Deletes the entries of an origin that are of none of the models (content hashes or names), or older than so many days.

        With both, entries that are both. Of corrections, those that were replaced go too. Returns how many; `dry_run` only counts.
        """
        table = machine if origin == "machine" else human
        conditions = []
        if older_than is not None:
            conditions.append(table.c.created < format_date(datetime.now(UTC) - timedelta(days=older_than)))
        if keep_models:
            conditions.append(machine.c.context.not_in(self._contexts_of(keep_models)))
        if not conditions:
            raise ValueError("prune without a condition would delete everything")
        if dry_run:
            query = select(func.count()).select_from(table).where(and_(*conditions))
            return self._database.read(lambda connection: connection.execute(query).scalar_one())
        deleted = self._database.write(lambda connection: connection.execute(table.delete().where(and_(*conditions))).rowcount)
        if deleted:
            self._database.compact()
        return deleted

    def _found(self, query: Select[Any], table: Table, sources: Sequence[str], origin: Origin) -> dict[str, Entry]:
        keys = {source: source_key(source) for source in sources}
        found: dict[bytes, Entry] = {}

        def look_up(connection: Connection) -> None:
            for chunk in _batches(dict.fromkeys(keys.values()), _KEYS):
                for key, source, target, score, created, detail in connection.execute(query.where(table.c.key.in_(chunk))):
                    found[key] = Entry(source, target, origin, score, created, detail)

        if keys:
            self._database.read(look_up)
        return {source: found[key] for source, key in keys.items() if key in found}

    def _context_id(self, connection: Connection, context: Context) -> int:
        values = {name: getattr(context, name) for name in ("digest", "fingerprint", "settings", "glossary", "name")}
        connection.execute(self._insert(contexts).on_conflict_do_nothing(index_elements=["digest"]), values)
        number: int = connection.execute(select(contexts.c.id).where(contexts.c.digest == context.digest)).scalar_one()
        return number

    def _contexts_of(self, models: Sequence[str]) -> list[int]:
        """The contexts of models, each by content hash, name, or `name@hash`. Raises UserError for a model without entries."""
        known = self._database.read(lambda connection: connection.execute(select(contexts)).all())
        names = [(row.id, (row.fingerprint, row.name, f"{row.name}@{row.fingerprint}")) for row in known]
        for model in models:
            if not any(model in known_as for _, known_as in names):
                told = ", ".join(dict.fromkeys(known_as[2] for _, known_as in names)) or "none"
                raise UserError(f"the memory {self.location} has nothing of the model {model}; it has: {told}")
        return [number for number, known_as in names if set(models) & set(known_as)]

    def _queries(self, origin: Origin | None, history: bool) -> Iterator[tuple[Select[Any], Table]]:
        if origin != "human":
            names = [contexts.c[name] for name in ("fingerprint", "settings", "glossary", "name")]
            yield select(machine.c.id, *_columns(machine), *names).join(contexts), machine
        if origin != "machine":
            query = select(human.c.id, *_columns(human), _replaced().label("replaced"))
            yield query if history else query.where(~_replaced()), human

    def _rows(self, query: Select[Any], table: Table, lost: list[int] | None) -> Iterator[Row[Any]]:
        """The rows of a query by id, a page at a time; those that cannot be read go by their ids to `lost`, where it is given."""
        all_ids = select(func.max(table.c.id + 0))  # a sum is looked for in an index, which may be sound where the table's end is not
        highest = self._database.read(lambda connection: connection.execute(all_ids).scalar()) or 0

        def page(after: int, until: int) -> Sequence[Row[Any]]:
            rows = query.where(table.c.id > after, table.c.id <= until).order_by(table.c.id)
            return self._database.read(lambda connection: connection.execute(rows).all())

        for start in range(0, highest, _PAGE):
            try:
                yield from page(start, start + _PAGE)
            except DamagedMemoryError:
                if lost is None:
                    raise
                for number in range(start, min(start + _PAGE, highest)):
                    try:
                        yield from page(number, number + 1)
                    except DamagedMemoryError:
                        lost.append(number + 1)

    def _size(self) -> Select[Any]:
        if self._database.dialect == "sqlite":
            return select(literal_column("page_count * page_size")).select_from(text("pragma_page_count, pragma_page_size"))
        sizes = [func.pg_total_relation_size(table.name) for table in (machine, human, contexts)]
        return select(sizes[0] + sizes[1] + sizes[2])


def _columns(table: Table) -> list[Any]:
    return [table.c[name] for name in ("source", "target", "score", "created", "detail")]


def _row(key: bytes, entry: Entry) -> dict[str, Any]:
    entry = entry.dated()
    values = {"source": entry.source, "target": entry.target, "score": entry.score, "created": entry.created, "detail": entry.detail}
    return {"key": key, **values}


def _replaced() -> Any:
    """Whether there is a later correction of the same source."""
    later = human.alias("later")
    after = tuple_(later.c.created, later.c.id) > tuple_(human.c.created, human.c.id)
    return select(later.c.id).where(later.c.key == human.c.key, after).exists()


def _as_stored(row: Row[Any], table: Table) -> Stored:
    origin: Origin = "machine" if table is machine else "human"
    entry = Entry(row.source, row.target, origin, row.score, row.created, row.detail)
    if origin == "human":
        return Stored(entry, replaced=bool(row.replaced))
    return Stored(entry, Context(row.fingerprint, row.settings, row.glossary, row.name))


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
