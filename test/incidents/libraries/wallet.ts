// Owns: a wallet for key files, clean. May import: the filler. Start here: walletLibrary.
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
