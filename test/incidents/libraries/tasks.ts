// Owns: durable orchestrations, clean. May import: the filler. Start here: tasksLibrary.
import type { FileMap } from '../../support/make-wheel.ts';
import { fillerModule } from '../filler.ts';
import { py } from '../python-text.ts';

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
