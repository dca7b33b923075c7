"""Ctrl-C and SIGTERM while training: asked once, a run saves and leaves; asked again, it leaves at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self, final

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@final
class StopRequest:
    """Listens for signals, in the main thread, between ``with`` and its end.

    Example:
        >>> import signal
        >>> from flax_albert.training.signals import StopRequest
        >>> with StopRequest() as stop:
        ...     signal.raise_signal(signal.SIGTERM)
        ...     stop.signal
        <Signals.SIGTERM: 15>
    """

    signal: signal.Signals | None = None
    """The signal that came."""

    def __enter__(self) -> Self:
        self._earlier: dict[int, Any] = {}
        self._wakeup = -1
        if threading.current_thread() is threading.main_thread():
            self._wakeup = signal.set_wakeup_fd(-1)  # nobody else is to leave the process on Ctrl-C meanwhile
            self._earlier = {number: signal.signal(number, self._asked) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)
        if self._earlier:
            signal.set_wakeup_fd(self._wakeup)

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = signal.Signals(number)
