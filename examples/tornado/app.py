#!/usr/bin/env python3
"""A small Tornado application that webstack runs as several instances.

One process is one instance: it binds the one port that it is given, on the
loopback, and leaves everything else (how many there are, who restarts them,
where the log goes) to systemd. It knows nothing of webstack.

    python3 app.py --port=8020
"""

import asyncio
import os
import signal

import tornado.options
import tornado.web
from tornado.httpserver import HTTPServer
from tornado.options import define, options

import handlers

define("port", default=8888, help="run on the given port", type=int)
define("address", default="127.0.0.1", help="bind this address", type=str)
define("debug", default=False, help="reload on a changed file, show tracebacks", type=bool)
define("danger", default=False, help="let /crash end the process", type=bool)
define("stop_grace", default=5.0, help="seconds for what runs to finish on SIGTERM", type=float)

HERE = os.path.dirname(os.path.abspath(__file__))

# The largest body that /echo takes, and the longest that a test asks for.
MAX_BODY_BYTES = 64 << 20


def make_application():
    return tornado.web.Application(
        handlers.routes(danger=options.danger),
        template_path=os.path.join(HERE, "templates"),
        static_path=os.path.join(HERE, "static"),
        debug=options.debug,
    )


async def finish(server):
    """Stop listening, then let what runs finish, within the grace."""
    server.stop()
    deadline = asyncio.get_running_loop().time() + options.stop_grace
    while handlers.in_flight() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)
    # Idle keep-alive connections, and whatever has outlived the grace.
    await server.close_all_connections()


async def main():
    tornado.options.parse_command_line()
    server = HTTPServer(make_application(), xheaders=True, max_buffer_size=MAX_BODY_BYTES)
    server.listen(options.port, options.address)

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    handlers.stopping.set()
    await finish(server)


if __name__ == "__main__":
    asyncio.run(main())
