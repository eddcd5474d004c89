// Owns: validation of generated text, clean. May import: the filler. Start here: validationLibrary.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerModule } from '../filler.ts';
import { py } from '../python-text.ts';

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
