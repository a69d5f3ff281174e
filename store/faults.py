"""What the store can fail with, in words for ops; never a parameter, a row or a password."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.errors import ConfigError, Permanent, PriemnayaError, Temporary


class LostClaim(Temporary):
    """This work was claimed by another worker meanwhile (the lease ran out); its result is thrown away here."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class StaleTicket(Permanent):
    """The ticket was changed by somebody else meanwhile; read it again, then decide."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


MIGRATE = "the store has no such table or column: run `priemnaya migrate`"

SQLITE = {
    "SQLITE_BUSY": Temporary("the store is locked by another writer: is a backup or an sqlite3 shell holding it?"),
    "SQLITE_LOCKED": Temporary("the store is locked by another writer: is a backup or an sqlite3 shell holding it?"),
    "SQLITE_FULL": Temporary("the disk of the store is full: free some space, the work goes on by itself"),
    "SQLITE_IOERR": Temporary("the disk of the store answers with errors: look at its health and at free space"),
    "SQLITE_CANTOPEN": Temporary("the store cannot be opened: are its folder and files ours to read and write?"),
    "SQLITE_READONLY": Permanent("the store is read-only for this user: check the owner of the file and its folder"),
    "SQLITE_CORRUPT": Permanent("the store is damaged: stop the daemon and restore the last backup"),
    "SQLITE_NOTADB": Permanent("the store is no SQLite database: check [store] url, or restore the last backup"),
}

# The first two letters of SQLSTATE, PostgreSQL's appendix A
POSTGRESQL = {
    "08": Temporary("the connection to PostgreSQL broke: is the server up and reachable?"),
    "28": Temporary("PostgreSQL refuses the user or the password: check [store] url and password_file"),
    "3D": Temporary("PostgreSQL has no such database: check [store] url, or create it"),
    "40": Temporary("two writers of the store got into each other's way; it is tried again"),
    "53": Temporary("PostgreSQL is out of space, memory or connections: look at its disk and its log"),
    "55": Temporary("a lock in the store was not to be had in time; it is tried again"),
    "57": Temporary("PostgreSQL stopped the statement or is restarting; it is tried again"),
    "58": Temporary("PostgreSQL's disk answers with errors: look at its log"),
}


def told(error: SQLAlchemyError) -> PriemnayaError:
    """The same fault in our family. What is not known to be permanent is temporary."""
    if isinstance(error, PoolTimeout):
        return Temporary("the store is busy: no connection came free in time; it is tried again")
    if not isinstance(error, DBAPIError):
        return Permanent(f"the store was asked wrongly ({type(error).__name__}): a fault of the program")
    known = _sqlite(error.orig) if isinstance(error.orig, sqlite3.Error) else _postgresql(error.orig)
    return type(known)(*known.args)


def _sqlite(error: sqlite3.Error) -> PriemnayaError:
    name = getattr(error, "sqlite_errorname", "")
    for beginning, known in SQLITE.items():
        if name.startswith(beginning):
            return known
    if name.startswith("SQLITE_CONSTRAINT"):
        return Permanent(f"the store refuses a row: {error}")  # names columns, never values
    if str(error).startswith(("no such table", "no such column")):
        return ConfigError(MIGRATE)
    return Temporary(f"the store answers {name or type(error).__name__}")


def _postgresql(error: BaseException | None) -> PriemnayaError:
    state: str | None = getattr(error, "sqlstate", None)
    if state is None:  # no server answered, or the value never left this process
        name = type(error).__name__
        if name == "DataError":
            return Permanent("the store refuses a value (DataError)")
        said = str(error).partition("\n")[0]  # host, port and user; libpq never quotes the password
        return Temporary(f"PostgreSQL does not answer: {said}; is it up, is [store] url right?")
    if state in {"42P01", "42703", "3F000"}:
        return ConfigError(MIGRATE)
    if state[:2] in POSTGRESQL:
        return POSTGRESQL[state[:2]]
    if state[:2] in {"22", "23", "42"}:
        rule = getattr(getattr(error, "diag", None), "constraint_name", None) or type(error).__name__
        return Permanent(f"the store refuses a row: {rule}")
    return Temporary(f"PostgreSQL answers {state}")
