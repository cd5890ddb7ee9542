"""A WSGI application: what Django's or Flask's wsgi.py offers, in a few lines."""

import os


def application(environ, start_response):
    body = ("instance %s, pid %d\n" % (os.environ.get("INSTANCE", "-"), os.getpid())).encode()
    start_response("200 OK", [
        ("Content-Type", "text/plain"),
        ("Content-Length", str(len(body))),
        ("X-Instance", os.environ.get("INSTANCE", "-")),
    ])
    return [body]
