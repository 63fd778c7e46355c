"""A headless Chromium that opens pages, clicks, and says what went wrong."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

WIDTH, HEIGHT = 1100, 1400
#: What Chromium says of a page that is wrong.
FAULTS = ("Runtime.exceptionThrown", "Log.entryAdded", "Network.loadingFailed")


class Browser:
    """One page of one browser."""

    def __init__(self, folder: Path) -> None:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0"]
        profile = folder / "profile"
        command = ["chromium", *options, f"--window-size={WIDTH},{HEIGHT}", f"--user-data-dir={profile}", "about:blank"]
        # Without a browser this fails, and is not skipped: `make tools` installs it.
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._loop = asyncio.new_event_loop()
        self._number = 0
        self.faults: list[str] = []
        self.requests: list[str] = []
        port = self._port(profile / "DevToolsActivePort")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as pages:
            page = next(page for page in json.load(pages) if page["type"] == "page")
        self._socket: WebSocketClientConnection = self._loop.run_until_complete(
            self._connect(page["webSocketDebuggerUrl"])
        )
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    @staticmethod
    async def _connect(url: str) -> WebSocketClientConnection:
        return await websocket_connect(url, max_message_size=1 << 28)

    def _port(self, file: Path) -> str:
        for _ in range(600):
            if file.exists() and (lines := file.read_text().split()):
                return lines[0]
            time.sleep(0.1)
        raise AssertionError("chromium did not start")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the protocol; what happens in between is noted."""
        self._number += 1
        message = json.dumps({"id": self._number, "method": method, "params": parameters})
        return self._loop.run_until_complete(self._answer(message, self._number))

    async def _answer(self, message: str, number: int) -> dict[str, Any]:
        await self._socket.write_message(message)
        while True:
            event = await self._next()
            if event.get("id") == number:
                assert "error" not in event, event
                result: dict[str, Any] = event["result"]
                return result

    async def _next(self) -> dict[str, Any]:
        text = await self._socket.read_message()
        assert text is not None, "chromium went away"
        event: dict[str, Any] = json.loads(text)
        method, parameters = event.get("method", ""), event.get("params", {})
        is_error = method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert")
        if method in FAULTS or is_error:
            self.faults.append(text if isinstance(text, str) else text.decode())
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        return event

    def open(self, page: Path) -> None:
        """Opens a page, and waits until it is drawn."""
        self.faults.clear()
        self.requests.clear()
        self.send("Page.navigate", url=page.as_uri())
        while self.ask("document.readyState") != "complete" or not self.ask("!!window.bayplan"):
            assert not self.faults, self.faults
            time.sleep(0.05)

    def ask(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def click(self, kind: str, name: str) -> str:
        """Clicks a node or a pod of the map; what the details say then."""
        arguments = f"{json.dumps(kind)}, {json.dumps(name)}"
        # Far down in a large cluster it is not on the screen.
        self.ask(f"scrollBy(0, window.bayplan.place({arguments})[1] - {HEIGHT // 2})")
        x, y = self.ask(f"window.bayplan.place({arguments})")
        for event in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=event, x=x, y=y, button="left", clickCount=1)
        text: str = self.ask("document.querySelector('.details').innerText")
        return text

    def picture(self, file: Path, *, dark: bool = False, height: int = HEIGHT) -> None:
        """A picture of the page's upper part."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.send("Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("scrollTo(0, 0)")
        time.sleep(0.3)
        import base64

        shot = self.send("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        """Ends it."""
        self._socket.close()
        self._loop.close()
        self._process.terminate()
        self._process.wait(timeout=30)
