// Owns: a small gateway to language-model providers, clean. May import: the filler. Start here: gatewayLibrary.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerModule } from '../filler.ts';
import { py } from '../python-text.ts';

/** About 1,600 lines: routing, providers, cost tables, a proxy server. */
export function gatewayLibrary(): FileMap {
  return {
    'litellm/__init__.py': INIT,
    'litellm/main.py': MAIN,
    'litellm/router.py': ROUTER,
    'litellm/cost_calculator.py': COST,
    'litellm/utils.py': UTILS,
    'litellm/llms/__init__.py': '',
    'litellm/llms/base.py': PROVIDER_BASE,
    'litellm/llms/openai_like.py': PROVIDER,
    'litellm/proxy/__init__.py': '',
    'litellm/proxy/auth.py': AUTH,
    'litellm/proxy/proxy_server.py': PROXY_SERVER,
    'litellm/types/__init__.py': '',
    'litellm/types/records.py': fillerModule('Typed records of the proxy.', 420, 3),
    'litellm/integrations/__init__.py': '',
    'litellm/integrations/tables.py': fillerModule('Lookup tables of the integrations.', 380, 4),
    'litellm/model_prices.json': JSON.stringify({
      'small-1': { input: 0.1, output: 0.4 },
      'large-2': { input: 2, output: 8 },
    }),
  };
}

const INIT = py`"""One interface to many language-model providers."""
import os
import logging
from typing import Callable, List, Optional

from .main import acompletion, completion
from .router import Router
from .cost_calculator import completion_cost
from .utils import token_counter

__version__ = "1.82.6"

verbose_logger = logging.getLogger("LiteLLM")
if os.getenv("LITELLM_LOG"):
    verbose_logger.setLevel(os.environ["LITELLM_LOG"].upper())

input_callback: List[Callable] = []
success_callback: List[Callable] = []
drop_params = bool(os.getenv("LITELLM_DROP_PARAMS", False))
api_key: Optional[str] = None
openai_key: Optional[str] = None
azure_key: Optional[str] = None
request_timeout: float = 6000

__all__ = ["Router", "acompletion", "completion", "completion_cost", "token_counter"]
`;

const MAIN = py`"""Entry points: completion and its asynchronous twin."""
import asyncio
import os
from functools import partial
from typing import Any, Dict, List, Optional

from .llms.openai_like import OpenAILikeProvider
from .utils import get_llm_provider, retry_delays

_PROVIDERS: Dict[str, OpenAILikeProvider] = {}


def _provider(name: str, api_base: Optional[str]) -> OpenAILikeProvider:
    key = "%s:%s" % (name, api_base)
    if key not in _PROVIDERS:
        _PROVIDERS[key] = OpenAILikeProvider(name, api_base)
    return _PROVIDERS[key]


def completion(
    model: str,
    messages: List[Dict[str, str]],
    api_key: Optional[str] = None,
    api_base: Optional[str] = None,
    timeout: Optional[float] = None,
    num_retries: int = 2,
    **kwargs: Any,
) -> Dict[str, Any]:
    """Send a chat completion to the provider that serves the model.

    The key is taken from the argument, else from PROVIDER_API_KEY.
    """
    name, bare_model = get_llm_provider(model)
    key = api_key or os.environ.get(name.upper() + "_API_KEY")
    provider = _provider(name, api_base)
    payload = {"model": bare_model, "messages": messages, **kwargs}
    last: Optional[Exception] = None
    for delay in retry_delays(num_retries):
        try:
            return provider.chat(payload, key, timeout)
        except TimeoutError as error:
            last = error
            provider.sleep(delay)
    raise last or RuntimeError("no attempt was made")


async def acompletion(*args: Any, **kwargs: Any) -> Dict[str, Any]:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, partial(completion, *args, **kwargs))
`;

const ROUTER = py`"""Spread requests over deployments of the same model."""
import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

from .main import completion


@dataclass
class Deployment:
    model_name: str
    litellm_params: Dict[str, Any]
    rpm: int = 0
    weight: int = 1
    cooldown_until: float = 0.0
    usage: Dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def available(self, now: float) -> bool:
        if now < self.cooldown_until:
            return False
        minute = int(now // 60)
        return not self.rpm or self.usage[minute] < self.rpm


class Router:
    """Choose a deployment per request and put failing ones aside for a while."""

    def __init__(self, model_list: List[Dict[str, Any]], cooldown_time: float = 30.0, strategy: str = "simple-shuffle"):
        self.deployments = [Deployment(**entry) for entry in model_list]
        self.cooldown_time = cooldown_time
        self.strategy = strategy
        self._lock = threading.Lock()

    def _candidates(self, model: str) -> List[Deployment]:
        now = time.time()
        return [one for one in self.deployments if one.model_name == model and one.available(now)]

    def pick(self, model: str) -> Deployment:
        with self._lock:
            candidates = self._candidates(model)
            if not candidates:
                raise LookupError("no deployment available for %s" % model)
            if self.strategy == "least-busy":
                minute = int(time.time() // 60)
                return min(candidates, key=lambda one: one.usage[minute])
            return random.choices(candidates, weights=[one.weight for one in candidates])[0]

    def completion(self, model: str, messages: List[Dict[str, str]], **kwargs: Any) -> Dict[str, Any]:
        deployment = self.pick(model)
        deployment.usage[int(time.time() // 60)] += 1
        try:
            return completion(messages=messages, **{**deployment.litellm_params, **kwargs})
        except Exception:
            deployment.cooldown_until = time.time() + self.cooldown_time
            raise

    def get_model_names(self) -> List[str]:
        return sorted({one.model_name for one in self.deployments})

    def upsert_deployment(self, entry: Dict[str, Any]) -> Optional[Deployment]:
        for position, one in enumerate(self.deployments):
            if one.litellm_params == entry.get("litellm_params"):
                self.deployments[position] = Deployment(**entry)
                return one
        self.deployments.append(Deployment(**entry))
        return None
`;

const COST = py`"""What a completion costs, from the price table shipped with the library."""
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any, Dict


@lru_cache(maxsize=1)
def model_prices() -> Dict[str, Dict[str, float]]:
    return json.loads((files("litellm") / "model_prices.json").read_text(encoding="utf-8"))


def completion_cost(response: Dict[str, Any]) -> float:
    """Dollars for one response; 0.0 when the model has no price."""
    usage = response.get("usage", {})
    price = model_prices().get(response.get("model", ""), {})
    prompt = usage.get("prompt_tokens", 0) * price.get("input", 0.0)
    answer = usage.get("completion_tokens", 0) * price.get("output", 0.0)
    return (prompt + answer) / 1_000_000
`;

const UTILS = py`"""Odds and ends shared by the entry points."""
import re
from typing import Iterable, Iterator, Tuple

_WORD = re.compile(r"\w+|[^\w\s]", re.UNICODE)


def get_llm_provider(model: str) -> Tuple[str, str]:
    """Split provider/model; a bare name belongs to openai."""
    if "/" in model:
        provider, _, rest = model.partition("/")
        return provider, rest
    return "openai", model


def token_counter(text: str) -> int:
    """A rough count, good enough for budgets."""
    return sum(1 + len(word) // 8 for word in _WORD.findall(text))


def retry_delays(count: int, base: float = 0.5, ceiling: float = 8.0) -> Iterator[float]:
    for attempt in range(count + 1):
        yield min(ceiling, base * 2 ** attempt)


def redact(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, secret[:3] + "***")
    return text
`;

const PROVIDER_BASE = py`"""What every provider offers."""
import abc
import time
from typing import Any, Dict, Optional


class BaseProvider(abc.ABC):
    def __init__(self, name: str, api_base: Optional[str] = None):
        self.name = name
        self.api_base = (api_base or self.default_base(name)).rstrip("/")

    @staticmethod
    @abc.abstractmethod
    def default_base(name: str) -> str:
        """Base URL of the provider's own endpoint."""

    @abc.abstractmethod
    def chat(self, payload: Dict[str, Any], key: Optional[str], timeout: Optional[float]) -> Dict[str, Any]:
        """One chat completion."""

    @staticmethod
    def sleep(seconds: float) -> None:
        time.sleep(seconds)
`;

const PROVIDER = py`"""Providers that speak the common chat completion dialect."""
from typing import Any, Dict, Optional

import httpx

from .base import BaseProvider

_BASES = {
    "openai": "https://api.models-one.example/v1",
    "mistral": "https://api.models-two.example/v1",
    "groq": "https://api.models-three.example/openai/v1",
}


class OpenAILikeProvider(BaseProvider):
    @staticmethod
    def default_base(name: str) -> str:
        try:
            return _BASES[name]
        except KeyError:
            raise ValueError("unknown provider %r: pass api_base" % name) from None

    def headers(self, key: Optional[str]) -> Dict[str, str]:
        headers = {"content-type": "application/json", "user-agent": "litellm"}
        if key:
            headers["authorization"] = "Bearer " + key
        return headers

    def chat(self, payload: Dict[str, Any], key: Optional[str], timeout: Optional[float]) -> Dict[str, Any]:
        with httpx.Client(timeout=timeout or 60.0) as client:
            response = client.post(self.api_base + "/chat/completions", json=payload, headers=self.headers(key))
        if response.status_code == 408:
            raise TimeoutError(response.text)
        response.raise_for_status()
        return response.json()
`;

const AUTH = py`"""Keys of the proxy: hashed, with budgets."""
import hashlib
import hmac
import secrets
import time
from typing import Dict, Optional


class KeyStore:
    def __init__(self, master_key: Optional[str] = None):
        self._master = self._digest(master_key) if master_key else None
        self._keys: Dict[str, Dict[str, float]] = {}

    @staticmethod
    def _digest(key: str) -> str:
        return hashlib.sha256(key.encode("utf-8")).hexdigest()

    def generate(self, max_budget: float = 0.0, duration: float = 86_400.0) -> str:
        key = "sk-" + secrets.token_urlsafe(16)
        self._keys[self._digest(key)] = {"budget": max_budget, "spent": 0.0, "expires": time.time() + duration}
        return key

    def authenticate(self, key: str) -> bool:
        digest = self._digest(key)
        if self._master and hmac.compare_digest(digest, self._master):
            return True
        entry = self._keys.get(digest)
        return bool(entry) and entry["expires"] > time.time()

    def charge(self, key: str, cost: float) -> None:
        entry = self._keys.get(self._digest(key))
        if entry is None:
            return
        entry["spent"] += cost
        if entry["budget"] and entry["spent"] > entry["budget"]:
            raise PermissionError("budget of this key is used up")
`;

const PROXY_SERVER = py`"""The proxy server: the same interface over HTTP, with keys and budgets."""
import asyncio
import json
import os
import sys
import time
import traceback
import uuid
from typing import Any, Dict, List, Optional

try:
    import backoff
    import fastapi
    import uvicorn
    import yaml
except ImportError as error:
    raise ImportError("Missing dependency %s. Run pip install 'litellm[proxy]'" % error) from error

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, StreamingResponse

from ..cost_calculator import completion_cost
from ..router import Router
from .auth import KeyStore

app = FastAPI(title="LiteLLM API", docs_url="/")
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])

general_settings: Dict[str, Any] = {}
llm_router: Optional[Router] = None
keys = KeyStore(os.getenv("LITELLM_MASTER_KEY"))


def load_config(path: str) -> Dict[str, Any]:
    """Read the proxy configuration; os.environ/NAME values are resolved."""
    with open(path, encoding="utf-8") as stream:
        config = yaml.safe_load(stream)

    def resolve(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: resolve(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [resolve(inner) for inner in value]
        if isinstance(value, str) and value.startswith("os.environ/"):
            return os.environ.get(value[len("os.environ/"):])
        return value

    return resolve(config)


async def user_api_key_auth(request: Request) -> str:
    header = request.headers.get("authorization", "")
    key = header.replace("Bearer ", "")
    if not keys.authenticate(key):
        raise HTTPException(status_code=401, detail="invalid key")
    return key


@app.post("/v1/chat/completions")
async def chat_completion(request: Request, key: str = Depends(user_api_key_auth)) -> JSONResponse:
    body = await request.json()
    if llm_router is None:
        raise HTTPException(status_code=500, detail="no models configured")
    started = time.time()
    try:
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(
            None, lambda: llm_router.completion(body.pop("model"), body.pop("messages"), **body)
        )
    except LookupError as error:
        raise HTTPException(status_code=429, detail=str(error)) from error
    keys.charge(key, completion_cost(response))
    response.setdefault("id", "chatcmpl-" + uuid.uuid4().hex)
    return JSONResponse(response, headers={"x-duration-ms": str(int(1000 * (time.time() - started)))})


@app.get("/v1/models")
async def model_list(key: str = Depends(user_api_key_auth)) -> Dict[str, List[Dict[str, str]]]:
    names = llm_router.get_model_names() if llm_router else []
    return {"data": [{"id": name, "object": "model"} for name in names]}


@app.post("/key/generate")
async def generate_key(request: Request, key: str = Depends(user_api_key_auth)) -> Dict[str, str]:
    body = await request.json()
    return {"key": keys.generate(float(body.get("max_budget", 0)))}


@app.get("/health")
async def health() -> Dict[str, str]:
    return {"status": "healthy"}


def run_server(host: str = "0.0.0.0", port: int = 4000, config: Optional[str] = None) -> None:
    """Start the proxy; used by the command line."""
    global llm_router
    if config:
        loaded = load_config(config)
        general_settings.update(loaded.get("general_settings") or {})
        llm_router = Router(loaded.get("model_list") or [])
    try:
        uvicorn.run(app, host=host, port=port)
    except Exception:
        traceback.print_exc(file=sys.stderr)
        raise
`;
