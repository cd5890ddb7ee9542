"""The application that the lossless tests load: eight of it, one a port.

As in most deployments its main does nothing about signals: SIGTERM ends it
at once, whatever it does. What is not lost is not lost by its doing.

    python3 app.py --port=8020 --notes=/var/lib/site
"""

import asyncio
import os
import socket

import tornado.options
import tornado.web
import tornado.websocket
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.options import define, options

define("port", default=8020, help="run on the given port", type=int)
define("notes", default=".", help="the folder of the notes that /note takes", type=str)

# What systemd.socket(5) passes in begins here, after the standard three.
FIRST_INHERITED = 3


def release():
    """Which release this is and what is wrong with it, from its folder.

    "2" is a good one; "2 exits", "2 answers-500" and "2 dies" are not.
    """
    try:
        with open("release", encoding="ascii") as file:
            name, _, fault = file.read().strip().partition(" ")
    except FileNotFoundError:
        return "1", ""
    return name, fault


RELEASE, FAULT = release()


class Handler(tornado.web.RequestHandler):
    def set_default_headers(self):
        self.set_header("X-Instance", str(options.port))
        self.set_header("X-Release", RELEASE)


class Page(Handler):
    """As many octets as it is asked for, and how many came with the request."""

    OCTETS = b"0123456789abcdef" * 1024

    def get(self):
        if FAULT == "answers-500":
            self.set_status(500)
        self.set_header("X-Received", str(len(self.request.body)))
        self.write(self.OCTETS[: int(self.get_query_argument("bytes", "1024"))])


class Note(Handler):
    """Writes the id of each POST down before it answers.

    What write(2) has taken outlives the process, which is all that is killed
    here. One write of a line to a file of its own: no line is torn.
    """

    def initialize(self, file):
        self.file = file

    def post(self):
        name = self.get_query_argument("id")
        os.write(self.file, name.encode("ascii") + b"\n")
        self.set_header("X-Received", str(len(self.request.body)))
        self.write(name)


class Events(Handler):
    """Server-sent events without an end."""

    async def get(self):
        self.set_header("Content-Type", "text/event-stream")
        try:
            while True:
                self.write("data: %d\n\n" % options.port)
                await self.flush()
                await asyncio.sleep(0.25)
        except StreamClosedError:
            pass


class Socket(tornado.websocket.WebSocketHandler):
    def set_default_headers(self):
        self.set_header("X-Instance", str(options.port))

    def on_message(self, message):
        self.write_message(message, binary=isinstance(message, bytes))


class Wait(Handler):
    async def get(self):
        await asyncio.sleep(int(self.get_query_argument("ms")) / 1000)


class Die(Handler):
    """The poisonous request: it ends whoever takes it."""

    def get(self):
        os._exit(1)


async def main():
    notes = os.open(
        os.path.join(options.notes, "%d.%d" % (options.port, os.getpid())),
        os.O_WRONLY | os.O_CREAT | os.O_APPEND,
        0o644,
    )
    application = tornado.web.Application(
        [
            (r"/", Page),
            (r"/page", Page),
            (r"/note", Note, {"file": notes}),
            (r"/events", Events),
            (r"/socket", Socket),
            (r"/wait", Wait),
            (r"/die", Die),
        ],
        log_function=lambda handler: None,
    )
    server = HTTPServer(application)
    if os.environ.get("LISTEN_PID") == str(os.getpid()):
        inherited = socket.socket(fileno=FIRST_INHERITED)
        inherited.setblocking(False)
        server.add_sockets([inherited])
    else:
        server.listen(options.port, "127.0.0.1")
    if FAULT == "dies":
        asyncio.get_running_loop().call_later(1.5, os._exit, 1)
    await asyncio.Event().wait()


if __name__ == "__main__":
    tornado.options.parse_command_line()
    if FAULT == "exits":
        raise SystemExit("release %s does not start" % RELEASE)
    asyncio.run(main())
