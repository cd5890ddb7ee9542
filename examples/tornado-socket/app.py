#!/usr/bin/env python3
"""A Tornado application on a socket that systemd holds.

systemd opens the address of each instance and passes it on as descriptor 3
(sd_listen_fds(3)). While this process restarts or crashes, connections wait in
that socket's backlog, and none is refused. Without systemd it binds the port
itself:

    python3 app.py --port=8020
"""

import asyncio
import os
import signal
import socket

import tornado.web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.options import define, options, parse_command_line

define("port", default=8888, help="bind this port where systemd passes no socket", type=int)

# The first descriptor that systemd passes (SD_LISTEN_FDS_START).
FIRST = 3


def inherited():
    """The sockets that systemd passed to this very process, if any."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = int(os.environ.get("LISTEN_FDS", "0"))
    sockets = [socket.socket(fileno=FIRST + i) for i in range(count)]
    for s in sockets:
        s.setblocking(False)
    return sockets


class Main(tornado.web.RequestHandler):
    def get(self):
        self.set_header("X-Instance", os.environ.get("INSTANCE", "-"))
        self.write("instance %s, pid %d\n" % (os.environ.get("INSTANCE", "-"), os.getpid()))


async def main():
    parse_command_line()
    server = HTTPServer(tornado.web.Application([("/", Main)]), xheaders=True)
    server.add_sockets(inherited() or bind_sockets(options.port, "127.0.0.1"))

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    # Its own copy of the socket: systemd's stays open for the next process.
    server.stop()
    await server.close_all_connections()


if __name__ == "__main__":
    asyncio.run(main())
