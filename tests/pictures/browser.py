"""A headless Chromium, driven through two pipes by its DevTools protocol."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from pathlib import Path
from typing import Any, Self

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--remote-debugging-pipe",
    "--enable-features=IsolateSandboxedIframes",
    "--window-size=1300,900",
)


def chromium() -> str | None:
    """The browser's program, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are none of the files that the browser is to have."""
    ends = os.pipe()
    read, write = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return read, write


class Browser:
    """One page. What it asks for, complains of and says in dialogs is kept.

    Attributes:
        requests: The addresses it asked for.
        complaints: Errors of programs, and what a security policy refused.
    """

    def __init__(self, program: str, profile: Path) -> None:
        command_end, write_end = _pipe()
        read_end, answer_end = _pipe()
        # Chromium reads commands from file 3 and writes answers to file 4.
        self._process = os.posix_spawn(
            program,
            [program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, command_end, 3),
                (os.POSIX_SPAWN_DUP2, answer_end, 4),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
        )
        os.close(command_end)
        os.close(answer_end)
        self._commands, self._answers = write_end, read_end
        self._number, self._buffer, self._session = 0, b"", ""
        self.requests: list[str] = []
        self.complaints: list[str] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._commands)  # which ends it
        os.waitpid(self._process, 0)
        os.close(self._answers)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Gives a command and waits for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            received = os.read(self._answers, 2**16)
            assert received, "Chromium has ended"
            self._buffer += received
        line, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(line)
        params = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(params["exceptionDetails"]["text"])
            case "Log.entryAdded":
                self.complaints.append(params["entry"]["text"])
            case "Page.javascriptDialogOpening":
                self.complaints.append(f"a dialog: {params['message']}")
        return message

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, awaited where it is a promise."""
        done = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def open(self, path: Path, ready: str) -> None:
        """Opens a file, and waits until an expression is true in it."""
        self.send("Page.navigate", url=path.as_uri())
        self._wait(ready)

    def enter_frame(self, ready: str) -> None:
        """Goes on in the sandboxed frame of the page, a process of its own, once an expression is true there."""
        frames = [each for each in self.send("Target.getTargets")["targetInfos"] if each["type"] == "iframe"]
        self._session = self.send("Target.attachToTarget", targetId=frames[0]["targetId"], flatten=True)["sessionId"]
        for domain in ("Runtime", "Log"):
            self.send(f"{domain}.enable")
        self._wait(ready)

    def _wait(self, ready: str) -> None:
        waiting = (
            f"new Promise(done => {{ const look = () => ({ready}) ? done(true) : setTimeout(look, 20); look(); }})"
        )
        assert self.evaluate(waiting)

    def point(self, selector: str, click: bool = False) -> None:
        """Moves the mouse to the middle of an element, and may click there."""
        x, y = self.evaluate(
            f"(() => {{ const element = document.querySelector({json.dumps(selector)}); element.scrollIntoView();"
            "const edge = element.getBoundingClientRect();"
            "return [edge.x + edge.width / 2, edge.y + edge.height / 2]; })()"
        )
        for kind in ["mouseMoved", *(["mousePressed", "mouseReleased"] if click else [])]:
            button = "none" if kind == "mouseMoved" else "left"
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=1)
        self.settle()

    def press(self, key: str) -> None:
        """Presses a key."""
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key)
        self.settle()

    def settle(self) -> None:
        """Waits until what was asked for is drawn."""
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
