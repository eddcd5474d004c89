// Owns: a clean library for training models: trainer, callbacks, downloads of weights, a start-up banner.
// May import: the filler. Start here: trainingLibrary.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerModule } from '../filler.ts';
import { py } from '../python-text.ts';

/** About 1,300 lines under the given import name. */
export function trainingLibrary(root: string, version: string): FileMap {
  return {
    [`${root}/__init__.py`]: py`"""Train and deploy models with little code."""
__version__ = "${version}"

import os

# keep the thread pools of the numeric libraries small unless told otherwise
if not os.environ.get("OMP_NUM_THREADS"):
    os.environ["OMP_NUM_THREADS"] = "1"

from .trainer import Trainer
from .models.model import Model
from .utils import SETTINGS, checks
from .utils.downloads import safe_download

__all__ = ["Model", "SETTINGS", "Trainer", "checks", "safe_download"]
`,
    [`${root}/trainer.py`]: TRAINER,
    [`${root}/callbacks.py`]: CALLBACKS,
    [`${root}/models/__init__.py`]: '',
    [`${root}/models/model.py`]: MODEL,
    [`${root}/utils/__init__.py`]: UTILS,
    [`${root}/utils/checks.py`]: CHECKS,
    [`${root}/utils/downloads.py`]: DOWNLOADS,
    [`${root}/data/__init__.py`]: '',
    [`${root}/data/loaders.py`]: fillerModule('Loaders of training records.', 350, 11),
    [`${root}/data/augment.py`]: fillerModule('Augmentation tables.', 250, 12),
  };
}

const TRAINER = py`"""The training loop."""
import math
import time
from pathlib import Path

from .callbacks import CallbackList, EarlyStopping


class Trainer:
    """Runs epochs over batches, calls callbacks, keeps the best state."""

    def __init__(self, max_epochs=10, learning_rate=1e-3, callbacks=(), default_root_dir="runs", accelerator="auto"):
        self.max_epochs = max_epochs
        self.learning_rate = learning_rate
        self.callbacks = CallbackList(list(callbacks) or [EarlyStopping()])
        self.root = Path(default_root_dir)
        self.accelerator = accelerator
        self.history = []
        self.best = (math.inf, None)

    def learning_rate_at(self, epoch):
        """Cosine decay with a short warm-up."""
        warmup = max(1, self.max_epochs // 20)
        if epoch < warmup:
            return self.learning_rate * (epoch + 1) / warmup
        progress = (epoch - warmup) / max(1, self.max_epochs - warmup)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))

    def fit(self, model, train_batches, validation_batches=()):
        self.callbacks.on_fit_start(self, model)
        for epoch in range(self.max_epochs):
            started = time.perf_counter()
            rate = self.learning_rate_at(epoch)
            losses = [model.training_step(batch, rate) for batch in train_batches]
            validation = [model.validation_step(batch) for batch in validation_batches]
            loss = sum(losses) / max(1, len(losses))
            score = sum(validation) / len(validation) if validation else loss
            self.history.append({"epoch": epoch, "loss": loss, "score": score, "seconds": time.perf_counter() - started})
            if score < self.best[0]:
                self.best = (score, model.state_dict())
            if self.callbacks.on_epoch_end(self, model, score):
                break
        self.callbacks.on_fit_end(self, model)
        return self.history

    def save_checkpoint(self, path):
        import json

        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps({"best": self.best[0], "history": self.history}), encoding="utf-8")
        return target
`;

const CALLBACKS = py`"""Callbacks of the trainer."""


class Callback:
    def on_fit_start(self, trainer, model):
        pass

    def on_epoch_end(self, trainer, model, score):
        return False

    def on_fit_end(self, trainer, model):
        pass


class EarlyStopping(Callback):
    """Stop when the score has not improved for a while."""

    def __init__(self, patience=3, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.best = None
        self.waited = 0

    def on_epoch_end(self, trainer, model, score):
        if self.best is None or score < self.best - self.min_delta:
            self.best, self.waited = score, 0
            return False
        self.waited += 1
        return self.waited > self.patience


class CallbackList(Callback):
    def __init__(self, callbacks):
        self.callbacks = callbacks

    def on_fit_start(self, trainer, model):
        for callback in self.callbacks:
            callback.on_fit_start(trainer, model)

    def on_epoch_end(self, trainer, model, score):
        return any([callback.on_epoch_end(trainer, model, score) for callback in self.callbacks])

    def on_fit_end(self, trainer, model):
        for callback in self.callbacks:
            callback.on_fit_end(trainer, model)
`;

const MODEL = py`"""Models: load weights, predict, export."""
import platform
from pathlib import Path

from ..utils import SETTINGS
from ..utils.downloads import attempt_download_asset


class Model:
    """A model by name or by path of its weights."""

    def __init__(self, weights="small.pt", task=None, verbose=False):
        self.task = task or "detect"
        self.verbose = verbose
        self.weights = self._load(weights)
        self.parameters = {}

    def _load(self, weights):
        path = Path(weights)
        if path.suffix not in (".pt", ".onnx", ".yaml"):
            raise ValueError("unsupported weights: %s" % path)
        if not path.exists() and SETTINGS["download"]:
            path = Path(attempt_download_asset(path.name))
        return path

    def predict(self, source, confidence=0.25):
        if not hasattr(source, "__iter__"):
            source = [source]
        return [{"source": one, "boxes": [], "confidence": confidence} for one in source]

    def training_step(self, batch, rate):
        return sum(batch) * rate

    def validation_step(self, batch):
        return sum(batch)

    def state_dict(self):
        return dict(self.parameters)

    def info(self):
        return {"task": self.task, "weights": str(self.weights), "platform": platform.system()}
`;

const UTILS = py`"""Settings and small helpers."""
import json
import logging
import os
import platform
from pathlib import Path

LOGGER = logging.getLogger(__name__.split(".")[0])
MACOS, LINUX, WINDOWS = (platform.system() == name for name in ("Darwin", "Linux", "Windows"))


def user_config_dir(name="Trainer"):
    """The folder for settings, by the habits of the platform."""
    if WINDOWS:
        base = Path.home() / "AppData" / "Roaming"
    elif MACOS:
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    return base / name


class Settings(dict):
    """Settings as JSON in the configuration folder; defaults where nothing was saved."""

    DEFAULTS = {"download": True, "runs_dir": "runs", "sync": False}

    def __init__(self):
        super().__init__(self.DEFAULTS)
        self.path = user_config_dir() / "settings.json"
        if self.path.is_file():
            try:
                self.update(json.loads(self.path.read_text(encoding="utf-8")))
            except ValueError:
                LOGGER.warning("settings at %s are damaged, using defaults", self.path)

    def save(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self, indent=2), encoding="utf-8")


def yaml_like(mapping, level=0):
    lines = []
    for key, value in mapping.items():
        if isinstance(value, dict):
            lines.append("  " * level + "%s:" % key)
            lines.extend(yaml_like(value, level + 1))
        else:
            lines.append("  " * level + "%s: %s" % (key, value))
    return lines


SETTINGS = Settings()
`;

const CHECKS = py`"""Checks of the environment."""
import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata


def check_python(minimum="3.8"):
    wanted = tuple(int(part) for part in minimum.split("."))
    if sys.version_info[: len(wanted)] < wanted:
        raise RuntimeError("Python %s or newer is needed" % minimum)
    return True


def check_version(name, minimum):
    try:
        current = metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return [int(p) for p in current.split(".")[:2]] >= [int(p) for p in minimum.split(".")[:2]]


def gpu_name():
    """Name of the first GPU, or None."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    result = subprocess.run([tool, "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True)
    return result.stdout.splitlines()[0].strip() if result.returncode == 0 and result.stdout else None


def collect_system_info():
    """Printed for bug reports, sent nowhere."""
    total = os.cpu_count()
    rows = {"OS": platform.platform(), "Python": platform.python_version(), "CPUs": total, "GPU": gpu_name()}
    for key, value in rows.items():
        print("%-10s %s" % (key, value))
    return rows
`;

const DOWNLOADS = py`"""Downloads of weights and data sets."""
import hashlib
import shutil
from pathlib import Path
from urllib import request

ASSETS_URL = "https://assets.vision-models.example/releases"
ASSETS = {"small.pt": "0f1c", "medium.pt": "8a41", "large.pt": "77be"}


def is_url(text):
    return str(text).startswith(("http://", "https://"))


def safe_download(url, file=None, directory=None, minimum_bytes=1, checksum=None, progress=False):
    """Download a file unless it is there, check its size and digest."""
    target = Path(directory or ".") / (file or str(url).rsplit("/", 1)[-1])
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with request.urlopen(url) as response, open(target, "wb") as stream:
        shutil.copyfileobj(response, stream)
    if target.stat().st_size < minimum_bytes:
        target.unlink()
        raise ConnectionError("download of %s is too small" % url)
    if checksum and hashlib.sha256(target.read_bytes()).hexdigest()[: len(checksum)] != checksum:
        raise ValueError("checksum of %s does not match" % target)
    return target


def attempt_download_asset(name, release="v8.3.0"):
    """A known asset from the release page; any other name is returned as it is."""
    if name in ASSETS:
        safe_download("%s/%s/%s" % (ASSETS_URL, release, name), file=name, minimum_bytes=1, checksum=None)
    return name
`;
