"""What the example answers: one class for each path."""

import asyncio
import json
import os
import time

import tornado.web
import tornado.websocket
from tornado.iostream import StreamClosedError
from tornado.options import options

# Set on SIGTERM: streams end themselves then, instead of being cut.
stopping = asyncio.Event()

# Requests and sockets being answered now.
_running = set()

STARTED = time.time()


def in_flight():
    return len(_running)


class Handler(tornado.web.RequestHandler):
    """Counts itself while it runs, and says who it is.

    The Server header stays Tornado's own, as the browser shall see it.
    """

    def prepare(self):
        _running.add(self)
        self.set_header("X-Instance", str(options.port))
        if stopping.is_set():
            # Whoever keeps connections open asks a sibling next time.
            self.set_header("Connection", "close")

    def on_finish(self):
        _running.discard(self)

    def on_connection_close(self):
        _running.discard(self)

    def number(self, name, default, largest):
        """A whole number from the query, 400 where it is none."""
        text = self.get_query_argument(name, str(default))
        if not text.isascii() or not text.isdigit() or int(text) > largest:
            raise tornado.web.HTTPError(400, "%s must be a number up to %d", name, largest)
        return int(text)


class Page(Handler):
    """The page that a browser sees first."""

    def get(self):
        self.set_header("Cache-Control", "no-store")
        self.render(
            "index.html",
            port=options.port,
            pid=os.getpid(),
            server=self._headers["Server"],
            remote=self.request.remote_ip,
            host=self.request.host,
            uptime=int(time.time() - STARTED),
        )


class WhoAmI(Handler):
    """Who answers, and what arrived here of the request."""

    def get(self):
        self.set_header("Cache-Control", "no-store")
        self.finish(
            {
                "port": options.port,
                "pid": os.getpid(),
                "remote_ip": self.request.remote_ip,
                "protocol": self.request.protocol,
                "method": self.request.method,
                "uri": self.request.uri,
                "headers": {
                    name: self.request.headers.get_list(name) for name in self.request.headers
                },
            }
        )


class Stream(Handler):
    """Server-sent events: one each interval, /stream?interval=MS&count=N."""

    async def get(self):
        interval = self.number("interval", 1000, 60_000)
        count = self.number("count", 0, 1_000_000)
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        number = 0
        try:
            while not stopping.is_set() and (count == 0 or number < count):
                number += 1
                event = {"number": number, "port": options.port, "pid": os.getpid()}
                self.write("id: %d\ndata: %s\n\n" % (number, json.dumps(event)))
                await self.flush()
                if number != count:
                    await self.pause(interval / 1000)
        except StreamClosedError:
            return  # the browser left

    async def pause(self, seconds):
        try:
            await asyncio.wait_for(stopping.wait(), seconds)
        except asyncio.TimeoutError:
            pass


class Slow(Handler):
    """Answers after a while: /slow?ms=200."""

    async def get(self):
        wait = self.number("ms", 1000, 600_000)
        await asyncio.sleep(wait / 1000)
        self.finish({"port": options.port, "waited_ms": wait})


class Size(Handler):
    """A body of exactly so many bytes: /size?bytes=1000000."""

    CHUNK = b"0123456789abcdef" * 4096

    async def get(self):
        left = self.number("bytes", 1024, 1 << 34)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Length", str(left))
        try:
            while left:
                piece = self.CHUNK[:left]
                self.write(piece)
                await self.flush()
                left -= len(piece)
        except StreamClosedError:
            return


class Echo(Handler):
    """Gives the body of a POST back, under its own type."""

    def post(self):
        self.set_header("Content-Type", self.request.headers.get("Content-Type", "application/octet-stream"))
        self.finish(self.request.body)


class Status(Handler):
    """Answers with the status that it is asked for: /status?code=503."""

    def get(self):
        code = self.number("code", 200, 599)
        if code < 200:
            raise tornado.web.HTTPError(400, "code must be 200 to 599")
        self.set_status(code)
        if code not in (204, 304):
            self.write({"port": options.port, "status": code})


class Socket(tornado.websocket.WebSocketHandler):
    """A WebSocket that gives each message back."""

    def open(self):
        _running.add(self)
        self.ending = asyncio.ensure_future(self.end())

    async def end(self):
        await stopping.wait()
        self.close(1001, "the instance stops")

    def on_message(self, message):
        self.write_message(message, binary=isinstance(message, bytes))

    def on_close(self):
        self.ending.cancel()
        _running.discard(self)


class Crash(Handler):
    """Ends the process without a word, as a bug in C would."""

    def get(self):
        os._exit(1)


def routes(danger):
    table = [
        (r"/", Page),
        (r"/whoami", WhoAmI),
        (r"/stream.*?", Stream),
        (r"/slow", Slow),
        (r"/size", Size),
        (r"/echo", Echo),
        (r"/status", Status),
        (r"/ws", Socket),
    ]
    if danger:
        table.append((r"/crash", Crash))
    return table
