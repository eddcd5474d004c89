// Owns: an HTTP client in the manner of requests, clean. May import: the filler. Start here: httpClientLibrary.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerCode } from '../filler.ts';
import { py } from '../python-text.ts';

/** An HTTP client in the manner of requests, about 450 lines, as an sdist without setup.py. */
export function httpClientLibrary(root: string): FileMap {
  return {
    [`${root}/__init__.py`]: py`"""HTTP for humans, without connection pools."""
from .api import delete, get, head, patch, post, put, request
from .models import Response
from .sessions import Session

__title__ = "${root}"
__version__ = "2.27.1"
`,
    [`${root}/api.py`]: py`"""The functions most people use."""
from . import sessions


def request(method, url, **kwargs):
    with sessions.Session() as session:
        return session.request(method=method, url=url, **kwargs)


def get(url, params=None, **kwargs):
    return request("get", url, params=params, **kwargs)


def head(url, **kwargs):
    kwargs.setdefault("allow_redirects", False)
    return request("head", url, **kwargs)


def post(url, data=None, json=None, **kwargs):
    return request("post", url, data=data, json=json, **kwargs)


def put(url, data=None, **kwargs):
    return request("put", url, data=data, **kwargs)


def patch(url, data=None, **kwargs):
    return request("patch", url, data=data, **kwargs)


def delete(url, **kwargs):
    return request("delete", url, **kwargs)
`,
    [`${root}/sessions.py`]: py`"""Sessions: cookies, headers, authentication and redirects over several requests."""
import json as jsonlib
import netrc
import os
from urllib import error, parse
from urllib import request as urlrequest

from .models import Response


def get_netrc_auth(url):
    """Login for the host from the user's netrc file, which is sent to that very host."""
    path = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    if not os.path.exists(path):
        return None
    try:
        entry = netrc.netrc(path).authenticators(parse.urlsplit(url).hostname or "")
    except (netrc.NetrcParseError, OSError):
        return None
    return (entry[0] or "", entry[2] or "") if entry else None


class Session:
    def __init__(self):
        self.headers = {"User-Agent": "${root}/2.27.1", "Accept": "*/*"}
        self.auth = None
        self.trust_env = True
        self.cookies = {}

    def prepare(self, method, url, params, data, json, headers):
        if params:
            separator = "&" if parse.urlsplit(url).query else "?"
            url = url + separator + parse.urlencode(params)
        merged = {**self.headers, **(headers or {})}
        body = None
        if json is not None:
            body = jsonlib.dumps(json).encode("utf-8")
            merged["Content-Type"] = "application/json"
        elif isinstance(data, dict):
            body = parse.urlencode(data).encode("ascii")
        elif data is not None:
            body = data if isinstance(data, bytes) else str(data).encode("utf-8")
        return urlrequest.Request(url, data=body, headers=merged, method=method.upper())

    def request(self, method, url, params=None, data=None, json=None, headers=None, timeout=None, allow_redirects=True):
        prepared = self.prepare(method, url, params, data, json, headers)
        auth = self.auth or (get_netrc_auth(url) if self.trust_env else None)
        if auth:
            import base64

            token = base64.b64encode(("%s:%s" % auth).encode("utf-8")).decode("ascii")
            prepared.add_header("Authorization", "Basic " + token)
        try:
            raw = urlrequest.urlopen(prepared, timeout=timeout)
        except error.HTTPError as failure:
            raw = failure
        return Response(raw, url)

    def get(self, url, **kwargs):
        return self.request("GET", url, **kwargs)

    def close(self):
        self.cookies.clear()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
`,
    [`${root}/models.py`]: py`"""Responses."""
import json


class HTTPError(IOError):
    pass


class Response:
    def __init__(self, raw, url):
        self.status_code = raw.status
        self.headers = dict(raw.headers)
        self.url = url
        self.content = raw.read()
        self.encoding = "utf-8"

    @property
    def text(self):
        return self.content.decode(self.encoding, "replace")

    @property
    def ok(self):
        return self.status_code < 400

    def json(self):
        return json.loads(self.text)

    def raise_for_status(self):
        if not self.ok:
            raise HTTPError("%s for url: %s" % (self.status_code, self.url))
`,
    [`${root}/status_codes.py`]: `"""Names of status codes."""\n\n\n${fillerCode(150, 31)}`,
  };
}
