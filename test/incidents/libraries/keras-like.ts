// Owns: a small deep-learning library in the style of Keras, honest: layers, optimizers, models, data, callbacks.
// May import: the filler. Start here: kerasLikeLibrary.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerModule } from '../filler.ts';
import { py } from '../python-text.ts';

/** About 1,000 lines under the given import name; `root` starts with the folder in a src layout. */
export function kerasLikeLibrary(root: string, version: string): FileMap {
  return {
    [`${root}/__init__.py`]: init(version),
    [`${root}/activations.py`]: ACTIVATIONS,
    [`${root}/layers/__init__.py`]:
      'from .core import Activation, Dense, Dropout, Flatten, Layer\nfrom .convolution import Conv1D, MaxPooling1D\n',
    [`${root}/layers/core.py`]: CORE_LAYERS,
    [`${root}/layers/convolution.py`]: CONVOLUTION,
    [`${root}/optimizers.py`]: OPTIMIZERS,
    [`${root}/losses.py`]: LOSSES,
    [`${root}/models.py`]: MODELS,
    [`${root}/utils/__init__.py`]: 'from .data import get_file, to_categorical\n',
    [`${root}/utils/data.py`]: DATA,
    [`${root}/datasets/__init__.py`]: '',
    [`${root}/datasets/synthetic.py`]: fillerModule('Synthetic data sets.', 220, 231),
    [`${root}/applications/__init__.py`]: '',
    [`${root}/applications/registry.py`]: fillerModule('Registry of ready-made models.', 260, 232),
  };
}

const init = (version: string): string => py`"""Deep learning for humans: layers, optimizers and models on numpy."""
from . import activations, layers, losses, optimizers, utils
from .models import Model, Sequential

__version__ = "${version}"

__all__ = ["Model", "Sequential", "activations", "layers", "losses", "optimizers", "utils"]
`;

const ACTIVATIONS = py`"""Activation functions and their derivatives."""
import numpy as np


def linear(x):
    return x


def relu(x, alpha=0.0):
    return np.where(x > 0, x, alpha * x)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def tanh(x):
    return np.tanh(x)


def softmax(x, axis=-1):
    shifted = np.exp(x - x.max(axis=axis, keepdims=True))
    return shifted / shifted.sum(axis=axis, keepdims=True)


DERIVATIVES = {
    "linear": lambda y: np.ones_like(y),
    "relu": lambda y: (y > 0).astype(y.dtype),
    "sigmoid": lambda y: y * (1 - y),
    "tanh": lambda y: 1 - y ** 2,
}


def get(identifier):
    if callable(identifier):
        return identifier
    try:
        return {"linear": linear, "relu": relu, "sigmoid": sigmoid, "tanh": tanh, "softmax": softmax, None: linear}[identifier]
    except KeyError:
        raise ValueError("Unknown activation: %r" % identifier) from None
`;

const CORE_LAYERS = py`"""Core layers."""
import numpy as np

from .. import activations


class Layer:
    """Base of all layers: weights, forward and backward pass."""

    _counter = {}

    def __init__(self, name=None, trainable=True):
        kind = type(self).__name__.lower()
        number = Layer._counter[kind] = Layer._counter.get(kind, 0) + 1
        self.name = name or "%s_%d" % (kind, number)
        self.trainable = trainable
        self.built = False
        self.weights = {}
        self.gradients = {}

    def build(self, input_shape):
        self.built = True

    def call(self, inputs, training=False):
        raise NotImplementedError

    def backward(self, gradient):
        return gradient

    def __call__(self, inputs, training=False):
        if not self.built:
            self.build(inputs.shape)
        return self.call(inputs, training=training)

    def count_params(self):
        return int(sum(weight.size for weight in self.weights.values()))

    def get_config(self):
        return {"name": self.name, "trainable": self.trainable}


class Dense(Layer):
    """Fully connected layer.

    Example:
        >>> layer = Dense(32, activation="relu")
        >>> layer(np.zeros((8, 16))).shape
        (8, 32)
    """

    def __init__(self, units, activation=None, use_bias=True, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.random = np.random.default_rng(seed)

    def build(self, input_shape):
        limit = np.sqrt(6.0 / (input_shape[-1] + self.units))
        self.weights["kernel"] = self.random.uniform(-limit, limit, (input_shape[-1], self.units))
        if self.use_bias:
            self.weights["bias"] = np.zeros(self.units)
        super().build(input_shape)

    def call(self, inputs, training=False):
        self.inputs = inputs
        outputs = inputs @ self.weights["kernel"]
        if self.use_bias:
            outputs = outputs + self.weights["bias"]
        self.outputs = self.activation(outputs)
        return self.outputs

    def backward(self, gradient):
        derivative = activations.DERIVATIVES.get(self.activation.__name__)
        if derivative is not None:
            gradient = gradient * derivative(self.outputs)
        self.gradients["kernel"] = self.inputs.T @ gradient
        if self.use_bias:
            self.gradients["bias"] = gradient.sum(axis=0)
        return gradient @ self.weights["kernel"].T


class Activation(Layer):
    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs, training=False):
        return self.activation(inputs)


class Dropout(Layer):
    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate
        self.random = np.random.default_rng(seed)

    def call(self, inputs, training=False):
        if not training or not self.rate:
            self.mask = None
            return inputs
        self.mask = (self.random.random(inputs.shape) >= self.rate) / (1.0 - self.rate)
        return inputs * self.mask

    def backward(self, gradient):
        return gradient if self.mask is None else gradient * self.mask


class Flatten(Layer):
    def call(self, inputs, training=False):
        self.shape = inputs.shape
        return inputs.reshape(inputs.shape[0], -1)

    def backward(self, gradient):
        return gradient.reshape(self.shape)
`;

const CONVOLUTION = py`"""Convolutions over sequences."""
import numpy as np

from .. import activations
from .core import Layer


class Conv1D(Layer):
    def __init__(self, filters, kernel_size, strides=1, activation=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.activation = activations.get(activation)
        self.random = np.random.default_rng(seed)

    def build(self, input_shape):
        scale = np.sqrt(2.0 / (self.kernel_size * input_shape[-1]))
        self.weights["kernel"] = self.random.normal(0, scale, (self.kernel_size, input_shape[-1], self.filters))
        self.weights["bias"] = np.zeros(self.filters)
        super().build(input_shape)

    def call(self, inputs, training=False):
        steps = (inputs.shape[1] - self.kernel_size) // self.strides + 1
        windows = [inputs[:, i * self.strides:i * self.strides + self.kernel_size] for i in range(steps)]
        stacked = np.stack(windows, axis=1)
        return self.activation(np.einsum("bskc,kcf->bsf", stacked, self.weights["kernel"]) + self.weights["bias"])


class MaxPooling1D(Layer):
    def __init__(self, pool_size=2, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = pool_size

    def call(self, inputs, training=False):
        steps = inputs.shape[1] // self.pool_size
        trimmed = inputs[:, :steps * self.pool_size]
        return trimmed.reshape(inputs.shape[0], steps, self.pool_size, -1).max(axis=2)
`;

const OPTIMIZERS = py`"""Optimizers."""
import numpy as np


class Optimizer:
    def __init__(self, learning_rate=0.01, clipnorm=None):
        self.learning_rate = learning_rate
        self.clipnorm = clipnorm
        self.iterations = 0
        self.slots = {}

    def slot(self, key, like):
        if key not in self.slots:
            self.slots[key] = np.zeros_like(like)
        return self.slots[key]

    def apply(self, layers):
        self.iterations += 1
        for layer in layers:
            if not layer.trainable:
                continue
            for name, gradient in layer.gradients.items():
                if self.clipnorm:
                    norm = np.linalg.norm(gradient)
                    if norm > self.clipnorm:
                        gradient = gradient * (self.clipnorm / norm)
                layer.weights[name] = self.step((layer.name, name), layer.weights[name], gradient)

    def step(self, key, weight, gradient):
        raise NotImplementedError


class SGD(Optimizer):
    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.momentum, self.nesterov = momentum, nesterov

    def step(self, key, weight, gradient):
        velocity = self.momentum * self.slot(key, weight) - self.learning_rate * gradient
        self.slots[key] = velocity
        if self.nesterov:
            return weight + self.momentum * velocity - self.learning_rate * gradient
        return weight + velocity


class Adam(Optimizer):
    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def step(self, key, weight, gradient):
        mean = self.beta_1 * self.slot((key, "m"), weight) + (1 - self.beta_1) * gradient
        variance = self.beta_2 * self.slot((key, "v"), weight) + (1 - self.beta_2) * gradient ** 2
        self.slots[(key, "m")], self.slots[(key, "v")] = mean, variance
        corrected = mean / (1 - self.beta_1 ** self.iterations)
        scale = np.sqrt(variance / (1 - self.beta_2 ** self.iterations)) + self.epsilon
        return weight - self.learning_rate * corrected / scale


def get(identifier):
    if isinstance(identifier, Optimizer):
        return identifier
    return {"sgd": SGD, "adam": Adam}[identifier.lower()]()
`;

const LOSSES = py`"""Losses: value and gradient."""
import numpy as np


def mean_squared_error(truth, predicted):
    difference = predicted - truth
    return float((difference ** 2).mean()), 2 * difference / difference.size


def categorical_crossentropy(truth, predicted, epsilon=1e-7):
    clipped = np.clip(predicted, epsilon, 1 - epsilon)
    value = -(truth * np.log(clipped)).sum(axis=-1).mean()
    return float(value), (clipped - truth) / len(truth)


def get(identifier):
    if callable(identifier):
        return identifier
    return {"mse": mean_squared_error, "categorical_crossentropy": categorical_crossentropy}[identifier]
`;

const MODELS = py`"""Models."""
import json

import numpy as np

from . import losses, optimizers


class Model:
    def __init__(self, layers=(), name="model"):
        self.layers = list(layers)
        self.name = name
        self.optimizer = None
        self.loss = None
        self.history = []

    def compile(self, optimizer="adam", loss="mse"):
        self.optimizer = optimizers.get(optimizer)
        self.loss = losses.get(loss)

    def predict(self, inputs, training=False):
        outputs = np.asarray(inputs, dtype="float64")
        for layer in self.layers:
            outputs = layer(outputs, training=training)
        return outputs

    def train_on_batch(self, inputs, truth):
        predicted = self.predict(inputs, training=True)
        value, gradient = self.loss(truth, predicted)
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        self.optimizer.apply(self.layers)
        return value

    def fit(self, inputs, truth, batch_size=32, epochs=1, shuffle=True, verbose=1):
        count = len(inputs)
        for epoch in range(epochs):
            order = np.random.permutation(count) if shuffle else np.arange(count)
            values = []
            for start in range(0, count, batch_size):
                rows = order[start:start + batch_size]
                values.append(self.train_on_batch(inputs[rows], truth[rows]))
            self.history.append(sum(values) / len(values))
            if verbose:
                print("Epoch %d/%d - loss: %.4f" % (epoch + 1, epochs, self.history[-1]))
        return self.history

    def summary(self):
        for layer in self.layers:
            print("%-24s %10d" % (layer.name, layer.count_params()))

    def save(self, path):
        state = {layer.name: {key: value.tolist() for key, value in layer.weights.items()} for layer in self.layers}
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(state, stream)

    def load_weights(self, path):
        with open(path, encoding="utf-8") as stream:
            state = json.load(stream)
        for layer in self.layers:
            layer.weights.update({key: np.asarray(value) for key, value in state.get(layer.name, {}).items()})
            layer.built = True


class Sequential(Model):
    def add(self, layer):
        self.layers.append(layer)
`;

const DATA = py`"""Files and labels."""
import hashlib
import os
import shutil
import tarfile
import urllib.request

import numpy as np


def to_categorical(labels, num_classes=None):
    labels = np.asarray(labels, dtype="int64")
    num_classes = num_classes or int(labels.max()) + 1
    return np.eye(num_classes)[labels]


def _hash_file(path, chunk_size=65536):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for chunk in iter(lambda: stream.read(chunk_size), b""):
            digest.update(chunk)
    return digest.hexdigest()


def get_file(fname, origin, file_hash=None, extract=False, cache_dir=None):
    """Download a file unless it is in the cache and its hash is right."""
    folder = os.path.join(cache_dir or os.path.expanduser("~/.cache/models"), "datasets")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, fname)
    if not os.path.exists(path) or (file_hash and _hash_file(path) != file_hash):
        with urllib.request.urlopen(origin) as response, open(path, "wb") as stream:
            shutil.copyfileobj(response, stream)
        if file_hash and _hash_file(path) != file_hash:
            raise ValueError("Incomplete or corrupted file detected: %s" % path)
    if extract:
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
    return path
`;
