"""Serves Drydock where there is no Node.js: Python 3.7 or later and nothing else.

    python3 serve.py [--port 8080] [--only-here]
"""

import argparse
import os
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

SITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Said here, because on Windows Python asks the registry, where programs put other types for .js.
    extensions_map = {
        "": "application/octet-stream",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".css": "text/css",
        ".json": "application/json",
        ".webmanifest": "application/manifest+json",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".ttf": "font/ttf",
        ".wasm": "application/wasm",
        ".zst": "application/octet-stream",
    }
    status = 0

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, directory=SITE, **named)

    def send_response(self, code, message=None):
        self.status = code
        super().send_response(code, message)

    def end_headers(self):
        # Names below blobs/ and assets/ carry a hash of their content. That a file is not there is not for ever.
        for_ever = self.status in (200, 304) and ("/blobs/" in self.path or "/assets/" in self.path)
        self.send_header("Cache-Control", "public, max-age=31536000, immutable" if for_ever else "no-cache")
        super().end_headers()

    def list_directory(self, path):
        self.send_error(404)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    # A room full of browsers that all come at once; Python's own 5 makes some of them wait and try again.
    request_queue_size = 256
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser(description="Serves Drydock on this computer and in the room's network.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8080")))
    parser.add_argument("--only-here", action="store_true", help="not for other computers")
    options = parser.parse_args()
    if not os.path.exists(os.path.join(SITE, "index.html")):
        sys.exit("There is no Drydock in %s: unpack the whole archive, then start this again." % SITE)
    try:
        server = Server(("127.0.0.1" if options.only_here else "", options.port), Handler)
    except (OSError, OverflowError) as error:
        sys.exit("Port %d cannot be used (%s): choose another one, for example --port %d" % (options.port, error, options.port + 1))
    print("\nDrydock runs. On this computer:\n  http://localhost:%d/" % options.port)
    if not options.only_here:
        print("\nFrom other computers of the room:\n  http://ADDRESS-OF-THIS-COMPUTER:%d/" % options.port)
        print("  Over plain http, browsers there do not show pages of containers and keep nothing for later. README.txt says what to do.")
    print("\nKeep this window open. Ctrl+C ends Drydock for everybody.", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


main()
