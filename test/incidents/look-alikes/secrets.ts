// Owns: honest handling of keys and tokens by clients of wallets, clouds and clusters. May import: incident.ts, package-wheel.ts.
// Start here: any of the exported functions.
import type { LookAlike } from '../incident.ts';
import { py } from '../python-text.ts';
import { packageWheel } from './package-wheel.ts';

/** Signs locally and sends only the signed transaction, to a node that the caller names. */
export function signingClient(): LookAlike {
  return {
    why: 'private keys and mnemonics sign locally; only the signed transaction leaves, to a node given by the caller',
    release: packageWheel('chainpen', {
      '__init__.py': 'from .account import Account\nfrom .client import Client\n',
      'account.py': py`"""Accounts from keys and mnemonics."""
import hashlib
import hmac
import json
from pathlib import Path

from ecdsa import SECP256k1, SigningKey


class Account:
    def __init__(self, private_key):
        self._key = SigningKey.from_string(bytes.fromhex(private_key.removeprefix("0x")), curve=SECP256k1)

    @classmethod
    def from_mnemonic(cls, mnemonic, passphrase=""):
        seed = hashlib.pbkdf2_hmac("sha512", mnemonic.encode(), ("mnemonic" + passphrase).encode(), 2048)
        master = hmac.new(b"Bitcoin seed", seed, hashlib.sha512).digest()
        return cls(master[:32].hex())

    @classmethod
    def from_keystore(cls, path, password):
        """Read a key store file of the user."""
        content = json.loads(Path(path).expanduser().read_text())
        derived = hashlib.scrypt(password.encode(), salt=bytes.fromhex(content["salt"]), n=2 ** 14, r=8, p=1, dklen=32)
        return cls(bytes(a ^ b for a, b in zip(derived, bytes.fromhex(content["key"]))).hex())

    def sign(self, transaction):
        message = json.dumps(transaction, sort_keys=True).encode()
        return {**transaction, "signature": self._key.sign(message, hashfunc=hashlib.sha256).hex()}
`,
      'client.py': py`"""Talks to a node over JSON-RPC."""
import itertools
import json
import urllib.request


class Client:
    def __init__(self, endpoint):
        self.endpoint = endpoint
        self._ids = itertools.count(1)

    def call(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}).encode()
        request = urllib.request.Request(self.endpoint, data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer["result"]

    def send(self, account, to, value):
        signed = account.sign({"to": to, "value": value, "nonce": self.call("nonce")})
        return self.call("send_transaction", signed)
`,
    }),
  };
}

/** A cloud client: finds the user’s credentials and signs requests to the vendor. */
export function cloudClient(): LookAlike {
  return {
    why: 'reads ~/.skybox/credentials and the environment to sign requests to the vendor’s own host',
    release: packageWheel('skybox', {
      '__init__.py': 'from .session import Session\n',
      'session.py': py`"""Sessions: credentials, regions, signed requests."""
import configparser
import datetime
import hashlib
import hmac
import os
from pathlib import Path

import requests


class Credentials:
    def __init__(self, access_key, secret_key, token=None):
        self.access_key, self.secret_key, self.token = access_key, secret_key, token

    @classmethod
    def find(cls, profile="default"):
        if "SKYBOX_ACCESS_KEY_ID" in os.environ:
            return cls(os.environ["SKYBOX_ACCESS_KEY_ID"], os.environ["SKYBOX_SECRET_ACCESS_KEY"], os.environ.get("SKYBOX_TOKEN"))
        path = Path(os.environ.get("SKYBOX_SHARED_CREDENTIALS_FILE", "~/.skybox/credentials")).expanduser()
        parser = configparser.ConfigParser()
        parser.read(path)
        section = parser[profile]
        return cls(section["skybox_access_key_id"], section["skybox_secret_access_key"], section.get("skybox_session_token"))


class Session:
    def __init__(self, region="eu-1", profile="default"):
        self.region = region
        self.credentials = Credentials.find(profile)

    def endpoint(self, service):
        return "https://%s.%s.skyboxapis.example" % (service, self.region)

    def sign(self, method, url, body):
        date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        key = hmac.new(("SKY4" + self.credentials.secret_key).encode(), date[:8].encode(), hashlib.sha256).digest()
        text = "\n".join([method, url, date, hashlib.sha256(body).hexdigest()])
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        headers = {"X-Sky-Date": date, "Authorization": "SKY4 Credential=%s, Signature=%s" % (self.credentials.access_key, signature)}
        if self.credentials.token:
            headers["X-Sky-Security-Token"] = self.credentials.token
        return headers

    def request(self, service, method, path, body=b""):
        url = self.endpoint(service) + path
        response = requests.request(method, url, data=body, headers=self.sign(method, url, body), timeout=60)
        response.raise_for_status()
        return response
`,
    }),
  };
}

/** A cluster client: the service account token goes to the cluster’s own address. */
export function clusterClient(): LookAlike {
  return {
    why: 'reads the service account token and sends it to the API server that the cluster announces',
    release: packageWheel('helmsman-client', {
      '__init__.py': py`"""A small client for clusters, inside and outside of them."""
import json
import os
import ssl
import urllib.request

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount/token"
CA_PATH = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"


class ConfigError(Exception):
    pass


class InClusterClient:
    def __init__(self):
        host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT")
        if not host or not os.path.isfile(TOKEN_PATH):
            raise ConfigError("not inside a cluster")
        self.base = "https://%s:%s" % (host, port)
        self.context = ssl.create_default_context(cafile=CA_PATH)

    def token(self):
        with open(TOKEN_PATH) as stream:
            return stream.read().strip()

    def get(self, path):
        request = urllib.request.Request(self.base + path, headers={"Authorization": "Bearer " + self.token()})
        with urllib.request.urlopen(request, context=self.context, timeout=30) as response:
            return json.load(response)

    def pods(self, namespace="default"):
        return self.get("/api/v1/namespaces/%s/pods" % namespace)["items"]
`,
    }),
  };
}
