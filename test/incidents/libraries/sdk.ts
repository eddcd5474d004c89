// Owns: clean client libraries of the kind that generators write for a vendor's HTTP interface.
// May import: the filler. Start here: sdkLibrary.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerModule } from '../filler.ts';
import { py } from '../python-text.ts';

export interface SdkOptions {
  /** import name */
  readonly package: string;
  /** display name of the vendor and of the client class, e.g. `Telnyx` */
  readonly vendor: string;
  /** the vendor's own API base, a reserved name */
  readonly base: string;
  /** plural resource names, e.g. `messages` */
  readonly resources: readonly string[];
  readonly version: string;
  /** lines of model definitions; default 300 */
  readonly modelLines?: number;
}

const capital = (word: string): string =>
  word
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

/** A package with a client, one module a resource, errors, models. */
export function sdkLibrary(options: SdkOptions): FileMap {
  const root = options.package;
  const resources = Object.fromEntries(
    options.resources.map((name) => [`${root}/resources/${name}.py`, resource(name, options.vendor)]),
  );
  const imports = options.resources.map((name) => `from .${name} import ${capital(name)}`).join('\n');
  return {
    [`${root}/__init__.py`]: init(options),
    [`${root}/_version.py`]: `__version__ = "${options.version}"\n`,
    [`${root}/_client.py`]: client(options),
    [`${root}/_exceptions.py`]: exceptions(options.vendor),
    [`${root}/_models.py`]: fillerModule(
      `Models of the ${options.vendor} interface.`,
      options.modelLines ?? 300,
      root.length,
    ),
    [`${root}/resources/__init__.py`]: `${imports}\n`,
    [`${root}/resources/_base.py`]: BASE_RESOURCE,
    ...resources,
    [`${root}/py.typed`]: '',
  };
}

function init(options: SdkOptions): string {
  return py`"""Python client for the ${options.vendor} API."""
from ._client import Async${options.vendor}, ${options.vendor}
from ._exceptions import ${options.vendor}Error, APIStatusError, AuthenticationError, RateLimitError
from ._version import __version__

__all__ = [
    "APIStatusError",
    "Async${options.vendor}",
    "AuthenticationError",
    "RateLimitError",
    "${options.vendor}",
    "${options.vendor}Error",
    "__version__",
]
`;
}

function client(options: SdkOptions): string {
  const { vendor } = options;
  const variable = `${options.package.toUpperCase().replace(/\W/g, '_')}_API_KEY`;
  const attributes = options.resources
    .map((name) => `        self.${name} = resources.${capital(name)}(self)`)
    .join('\n');
  return py`"""Clients: one synchronous, one asynchronous, both thin."""
from __future__ import annotations

import os
import platform
import time
from typing import Any, Mapping, Optional

import httpx

from . import resources
from ._exceptions import ${vendor}Error, AuthenticationError, error_for
from ._version import __version__

DEFAULT_BASE_URL = "${options.base}"
DEFAULT_TIMEOUT = httpx.Timeout(timeout=600, connect=5.0)
MAX_RETRIES = 2


def _user_agent() -> str:
    return "${vendor}/Python %s (%s %s)" % (__version__, platform.system(), platform.machine())


class ${vendor}:
    """Synchronous client. The key is the argument, or the variable ${variable}."""

    def __init__(
        self,
        api_key: Optional[str] = None,
        *,
        base_url: Optional[str] = None,
        timeout: httpx.Timeout = DEFAULT_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        http_client: Optional[httpx.Client] = None,
    ) -> None:
        if api_key is None:
            api_key = os.environ.get("${variable}")
        if api_key is None:
            raise AuthenticationError("Pass api_key or set ${variable}")
        self.api_key = api_key
        self.base_url = (base_url or os.environ.get("${variable.replace('_API_KEY', '_BASE_URL')}") or DEFAULT_BASE_URL).rstrip("/")
        self.max_retries = max_retries
        self._client = http_client or httpx.Client(timeout=timeout)
${attributes}

    @property
    def auth_headers(self) -> dict[str, str]:
        return {"Authorization": "Bearer " + self.api_key}

    def request(self, method: str, path: str, *, json: Any = None, params: Optional[Mapping[str, Any]] = None) -> Any:
        headers = {**self.auth_headers, "User-Agent": _user_agent(), "Accept": "application/json"}
        for attempt in range(self.max_retries + 1):
            try:
                response = self._client.request(method, self.base_url + path, json=json, params=params, headers=headers)
            except httpx.TimeoutException as error:
                if attempt == self.max_retries:
                    raise ${vendor}Error("request timed out") from error
                time.sleep(0.5 * 2 ** attempt)
                continue
            if response.status_code in (409, 429) or response.status_code >= 500:
                if attempt < self.max_retries:
                    time.sleep(float(response.headers.get("retry-after", 0.5 * 2 ** attempt)))
                    continue
            if response.is_error:
                raise error_for(response)
            return response.json() if response.content else None

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> "${vendor}":
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


class Async${vendor}:
    """Asynchronous client with the same surface."""

    def __init__(self, api_key: Optional[str] = None, *, base_url: Optional[str] = None) -> None:
        key = api_key or os.environ.get("${variable}")
        if key is None:
            raise AuthenticationError("Pass api_key or set ${variable}")
        self._headers = {"Authorization": "Bearer " + key, "User-Agent": _user_agent()}
        self._base_url = (base_url or DEFAULT_BASE_URL).rstrip("/")
        self._client = httpx.AsyncClient(timeout=DEFAULT_TIMEOUT)

    async def request(self, method: str, path: str, *, json: Any = None) -> Any:
        response = await self._client.request(method, self._base_url + path, json=json, headers=self._headers)
        if response.is_error:
            raise error_for(response)
        return response.json()

    async def aclose(self) -> None:
        await self._client.aclose()
`;
}

function exceptions(vendor: string): string {
  return py`"""Errors of the client."""


class ${vendor}Error(Exception):
    """Base of everything raised here."""


class AuthenticationError(${vendor}Error):
    pass


class APIStatusError(${vendor}Error):
    def __init__(self, message, status_code, body=None):
        super().__init__(message)
        self.status_code = status_code
        self.body = body


class RateLimitError(APIStatusError):
    pass


def error_for(response):
    """The error that fits a response."""
    kind = RateLimitError if response.status_code == 429 else APIStatusError
    try:
        body = response.json()
    except ValueError:
        body = None
    return kind("%s %s" % (response.status_code, response.reason_phrase), response.status_code, body)
`;
}

const BASE_RESOURCE = py`"""What all resources share."""


class Resource:
    path = ""

    def __init__(self, client):
        self._client = client

    def _url(self, *parts):
        return "/".join([self.path, *[str(part) for part in parts]])


def paginate(fetch, page_size=50):
    """Yield the elements of all pages."""
    cursor = None
    while True:
        page = fetch(cursor=cursor, limit=page_size)
        yield from page.get("data", [])
        cursor = page.get("meta", {}).get("next")
        if not cursor:
            return
`;

function resource(name: string, vendor: string): string {
  const single = name.replace(/s$/, '');
  return py`"""${capital(name)} of the ${vendor} API."""
from ._base import Resource, paginate


class ${capital(name)}(Resource):
    path = "/v2/${name}"

    def create(self, **fields):
        """Create a ${single}; returns the created object."""
        return self._client.request("POST", self._url(), json={key: value for key, value in fields.items() if value is not None})

    def retrieve(self, ${single}_id):
        return self._client.request("GET", self._url(${single}_id))

    def update(self, ${single}_id, **fields):
        return self._client.request("PATCH", self._url(${single}_id), json=fields)

    def list(self, **filters):
        def fetch(**page):
            return self._client.request("GET", self._url(), params={**filters, **page})

        return paginate(fetch)

    def delete(self, ${single}_id):
        return self._client.request("DELETE", self._url(${single}_id))
`;
}
