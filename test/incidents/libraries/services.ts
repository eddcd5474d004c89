// Owns: clean libraries of middling size: a key wallet, output validation, durable tasks.
// May import: the filler. Start here: any of the exported functions.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerModule } from '../filler.ts';
import { py } from '../python-text.ts';

/** A wallet for key files, about 700 lines. */
export function walletLibrary(): FileMap {
  return {
    'bittensor_wallet/__init__.py': py`"""Wallets: key files, encrypted at rest."""
from .keyfile import Keyfile, KeyFileError, decrypt_keyfile_data, encrypt_keyfile_data
from .wallet import Wallet

__version__ = "4.0.1"
`,
    'bittensor_wallet/keyfile.py': py`"""Key files on disk: plain JSON, or NaCl with an Argon2 key."""
import getpass
import json
import os
import stat
from pathlib import Path

from nacl import pwhash, secret

NACL_SALT = b"\x13q\x83\xdf\xf1Z\t\xbc\x9c\x90\xb5Q\x879\xe9\xb1"
HEADER = b"$NACL"


class KeyFileError(Exception):
    """A key file is missing, damaged or not readable."""


def serialize_keypair_to_keyfile_data(keypair):
    fields = {
        "accountId": "0x" + keypair.public_key.hex(),
        "publicKey": "0x" + keypair.public_key.hex(),
        "privateKey": "0x" + keypair.private_key.hex(),
        "secretPhrase": keypair.mnemonic,
        "ss58Address": keypair.ss58_address,
    }
    return json.dumps(fields).encode("utf-8")


def keyfile_data_is_encrypted(data):
    return data.startswith(HEADER)


def derive_key(password):
    return pwhash.argon2i.kdf(
        secret.SecretBox.KEY_SIZE,
        password.encode("utf-8"),
        NACL_SALT,
        opslimit=pwhash.argon2i.OPSLIMIT_SENSITIVE,
        memlimit=pwhash.argon2i.MEMLIMIT_SENSITIVE,
    )


def encrypt_keyfile_data(keyfile_data, password=None):
    if password is None:
        password = getpass.getpass("Specify password for key encryption: ")
    box = secret.SecretBox(derive_key(password))
    return HEADER + box.encrypt(keyfile_data)


def decrypt_keyfile_data(keyfile_data, password=None, coldkey_name=None):
    """Plain JSON bytes of a key file.

    :raises KeyFileError: when the password is wrong
    """
    if coldkey_name is not None and password is None:
        password = os.environ.get("BT_PW_" + coldkey_name.upper())
    if password is None:
        password = getpass.getpass("Enter password to unlock key: ")
    box = secret.SecretBox(derive_key(password))
    try:
        decrypted = box.decrypt(keyfile_data[len(HEADER):])
    except Exception as error:
        raise KeyFileError("Invalid password") from error
    return decrypted


class Keyfile:
    def __init__(self, path, name=None):
        self.path = Path(path).expanduser()
        self.name = name or self.path.stem

    def exists_on_device(self):
        return self.path.is_file()

    def is_encrypted(self):
        return self.exists_on_device() and keyfile_data_is_encrypted(self._read())

    def _read(self):
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise KeyFileError("cannot read %s" % self.path) from error

    def set_keypair(self, keypair, encrypt=True, overwrite=False, password=None):
        if self.exists_on_device() and not overwrite:
            raise KeyFileError("%s exists" % self.path)
        data = serialize_keypair_to_keyfile_data(keypair)
        if encrypt:
            data = encrypt_keyfile_data(data, password)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(data)
        os.chmod(self.path, stat.S_IRUSR | stat.S_IWUSR)

    def get_keypair(self, password=None):
        data = self._read()
        if keyfile_data_is_encrypted(data):
            data = decrypt_keyfile_data(data, password, coldkey_name=self.name)
        return json.loads(data)
`,
    'bittensor_wallet/wallet.py': py`"""A wallet: one coldkey, many hotkeys."""
import os
from pathlib import Path

from .keyfile import Keyfile

DEFAULTS = {"name": "default", "hotkey": "default", "path": "~/.bittensor/wallets/"}


class Wallet:
    def __init__(self, name=None, hotkey=None, path=None):
        self.name = name or os.getenv("BT_WALLET_NAME") or DEFAULTS["name"]
        self.hotkey_str = hotkey or os.getenv("BT_WALLET_HOTKEY") or DEFAULTS["hotkey"]
        self.path = Path(path or os.getenv("BT_WALLET_PATH") or DEFAULTS["path"]).expanduser()
        self._coldkey = None

    @property
    def coldkey_file(self):
        return Keyfile(self.path / self.name / "coldkey", name=self.name)

    @property
    def hotkey_file(self):
        return Keyfile(self.path / self.name / "hotkeys" / self.hotkey_str)

    @property
    def coldkey(self):
        if self._coldkey is None:
            self._coldkey = self.coldkey_file.get_keypair()
        return self._coldkey

    def unlock_coldkey(self, password=None):
        self._coldkey = self.coldkey_file.get_keypair(password)
        return self._coldkey

    def exists(self):
        return self.coldkey_file.exists_on_device()

    def __str__(self):
        return "Wallet(%s, %s, %s)" % (self.name, self.hotkey_str, self.path)
`,
    'bittensor_wallet/mnemonics.py': fillerModule('Word lists and their checks.', 220, 51),
    'bittensor_wallet/chain.py': fillerModule('Records of the chain.', 260, 52),
  };
}

/** Validation of generated text, about 800 lines. */
export function validationLibrary(): FileMap {
  return {
    'guardrails/__init__.py': py`"""Validate the output of language models."""
from .guard import Guard
from .validators import FailResult, PassResult, ValidationResult, Validator, register_validator
from .settings import settings

__version__ = "0.10.0"

__all__ = ["FailResult", "Guard", "PassResult", "ValidationResult", "Validator", "register_validator", "settings"]
`,
    'guardrails/validators.py': py`"""Validators and their registry."""
import re
from dataclasses import dataclass, field
from typing import Any, Dict, Optional, Type

_REGISTRY: Dict[str, Type["Validator"]] = {}


@dataclass
class ValidationResult:
    outcome: str
    metadata: Dict[str, Any] = field(default_factory=dict)


@dataclass
class PassResult(ValidationResult):
    outcome: str = "pass"


@dataclass
class FailResult(ValidationResult):
    outcome: str = "fail"
    error_message: str = ""
    fix_value: Optional[Any] = None


def register_validator(name: str):
    def decorate(cls):
        cls.rail_alias = name
        _REGISTRY[name] = cls
        return cls

    return decorate


class Validator:
    rail_alias = ""

    def __init__(self, on_fail: str = "exception", **kwargs: Any):
        self.on_fail = on_fail
        self.kwargs = kwargs

    def validate(self, value: Any, metadata: Dict[str, Any]) -> ValidationResult:
        raise NotImplementedError


@register_validator("length")
class ValidLength(Validator):
    def validate(self, value, metadata):
        low, high = self.kwargs.get("min", 0), self.kwargs.get("max", 10_000)
        if low <= len(value) <= high:
            return PassResult()
        return FailResult(error_message="length %d is not in [%d, %d]" % (len(value), low, high), fix_value=value[:high])


@register_validator("regex_match")
class RegexMatch(Validator):
    def validate(self, value, metadata):
        if re.fullmatch(self.kwargs["regex"], value):
            return PassResult()
        return FailResult(error_message="does not match %s" % self.kwargs["regex"])


@register_validator("secrets_absent")
class SecretsAbsent(Validator):
    """Refuse text that holds things shaped like credentials."""

    PATTERNS = {
        "aws": re.compile(r"AKIA[0-9A-Z]{16}"),
        "private key": re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----"),
        "github": re.compile(r"gh[pousr]_[A-Za-z0-9]{36}"),
    }

    def validate(self, value, metadata):
        found = [name for name, pattern in self.PATTERNS.items() if pattern.search(value)]
        if not found:
            return PassResult()
        masked = value
        for pattern in self.PATTERNS.values():
            masked = pattern.sub("********", masked)
        return FailResult(error_message="contains " + ", ".join(found), fix_value=masked)
`,
    'guardrails/guard.py': py`"""A guard runs validators over a value and decides what to do when one fails."""
from .validators import FailResult


class ValidationError(Exception):
    pass


class Guard:
    def __init__(self, name="guard"):
        self.name = name
        self.validators = []
        self.history = []

    def use(self, validator, **kwargs):
        self.validators.append(validator(**kwargs) if isinstance(validator, type) else validator)
        return self

    def validate(self, value, metadata=None):
        for validator in self.validators:
            result = validator.validate(value, metadata or {})
            self.history.append((validator.rail_alias, result.outcome))
            if isinstance(result, FailResult):
                if validator.on_fail == "exception":
                    raise ValidationError(result.error_message)
                if validator.on_fail == "fix" and result.fix_value is not None:
                    value = result.fix_value
        return value

    def __call__(self, llm_api, *args, max_reasks=1, **kwargs):
        last = None
        for _ in range(max_reasks + 1):
            try:
                return self.validate(llm_api(*args, **kwargs))
            except ValidationError as error:
                last = error
        raise last
`,
    'guardrails/settings.py': py`"""Settings from the user's rc file."""
import os
from pathlib import Path


class Settings:
    def __init__(self):
        self.rc = {}
        path = Path.home() / ".guardrailsrc"
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                key, _, value = line.partition("=")
                self.rc[key.strip()] = value.strip()

    @property
    def use_server(self):
        return os.environ.get("GUARDRAILS_USE_SERVER", "").lower() == "true"

    @property
    def enable_metrics(self):
        return self.rc.get("enable_metrics", "false").lower() == "true"


settings = Settings()
`,
    'guardrails/schema.py': fillerModule('Schemas of validated values.', 300, 61),
    'guardrails/actions.py': fillerModule('Actions after a failure.', 260, 62),
  };
}

/** Durable orchestrations, about 800 lines. */
export function tasksLibrary(): FileMap {
  return {
    'durabletask/__init__.py': py`"""Durable Task: orchestrations that survive restarts."""
from .worker import ConcurrencyOptions, TaskHubGrpcWorker

__all__ = ["ConcurrencyOptions", "TaskHubGrpcWorker"]

PACKAGE_NAME = "durabletask"
`,
    'durabletask/task.py': py`"""Tasks and their composition."""
from abc import ABC, abstractmethod
from typing import Any, Generic, List, Optional, TypeVar

T = TypeVar("T")


class Task(ABC, Generic[T]):
    _result: T
    _exception: Optional[Exception]

    def __init__(self) -> None:
        self._is_complete = False
        self._exception = None
        self._parent: Optional["CompositeTask"] = None

    @property
    def is_complete(self) -> bool:
        return self._is_complete

    @property
    def is_failed(self) -> bool:
        return self._exception is not None

    def get_result(self) -> T:
        if not self._is_complete:
            raise ValueError("The task has not completed.")
        if self._exception is not None:
            raise self._exception
        return self._result


class CompositeTask(Task[T]):
    def __init__(self, tasks: List[Task]):
        super().__init__()
        self._tasks = tasks
        self._completed = 0
        for task in tasks:
            task._parent = self
            if task.is_complete:
                self.on_child_completed(task)

    @abstractmethod
    def on_child_completed(self, task: Task) -> None:
        """One of the tasks is done."""


class WhenAllTask(CompositeTask[List[Any]]):
    def on_child_completed(self, task: Task) -> None:
        self._completed += 1
        if task.is_failed and self._exception is None:
            self._exception = task._exception
            self._is_complete = True
        if self._completed == len(self._tasks):
            self._result = [one.get_result() for one in self._tasks]
            self._is_complete = True


class CompletableTask(Task[T]):
    def complete(self, result: T) -> None:
        self._result = result
        self._is_complete = True
        if self._parent is not None:
            self._parent.on_child_completed(self)

    def fail(self, error: Exception) -> None:
        self._exception = error
        self._is_complete = True
        if self._parent is not None:
            self._parent.on_child_completed(self)


def when_all(tasks: List[Task]) -> WhenAllTask:
    return WhenAllTask(tasks)
`,
    'durabletask/worker.py': py`"""The worker: receives work, runs orchestrators and activities."""
import asyncio
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, Optional

logger = logging.getLogger("durabletask-worker")


class ConcurrencyOptions:
    def __init__(self, maximum_concurrent_activity_work_items: Optional[int] = None):
        default = 100 * (os.cpu_count() or 1)
        self.maximum_concurrent_activity_work_items = maximum_concurrent_activity_work_items or default


class Registry:
    def __init__(self) -> None:
        self.orchestrators: Dict[str, Callable] = {}
        self.activities: Dict[str, Callable] = {}

    def add_activity(self, function: Callable) -> str:
        name = function.__name__
        if name in self.activities:
            raise ValueError("A '%s' activity already exists." % name)
        self.activities[name] = function
        return name


class TaskHubGrpcWorker:
    def __init__(self, host_address: str = "localhost:4001", options: Optional[ConcurrencyOptions] = None):
        self._host_address = host_address
        self._options = options or ConcurrencyOptions()
        self._registry = Registry()
        self._shutdown = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=min(64, self._options.maximum_concurrent_activity_work_items))
        self._thread: Optional[threading.Thread] = None

    def add_activity(self, function: Callable) -> str:
        return self._registry.add_activity(function)

    def start(self) -> None:
        if self._thread is not None:
            raise RuntimeError("The worker is already running.")
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run_loop()), daemon=True)
        self._thread.start()

    async def _run_loop(self) -> None:
        logger.info("Starting gRPC worker that connects to %s", self._host_address)
        while not self._shutdown.is_set():
            await asyncio.sleep(0.5)

    def execute(self, name: str, payload: Any) -> Any:
        return self._pool.submit(self._registry.activities[name], payload).result()

    def stop(self) -> None:
        self._shutdown.set()
        self._pool.shutdown(wait=True)
`,
    'durabletask/entities/__init__.py': py`"""Entities."""
from .entity import Entity

__all__ = ["Entity"]
`,
    'durabletask/entities/entity.py': fillerModule('Entity records.', 240, 71).concat(
      '\n\nclass Entity:\n    state = None\n',
    ),
    'durabletask/internal/__init__.py': '',
    'durabletask/internal/shared.py': fillerModule('Shared conversions.', 280, 72),
  };
}
