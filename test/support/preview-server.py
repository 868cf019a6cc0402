"""A web server with what browsers and learners do to one, for test/browser/preview.test.ts. Standard library only."""

import base64
import hashlib
import json
import os
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
BLOCK = bytes(range(256)) * 256
state = {"visits": 0, "streams": 0, "sockets": 0}
lock = threading.Lock()

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test page</title>
<link rel="stylesheet" href="/style.css"></head><body><h1>Hello from the container</h1>
<p><a id="about" href="/about?x=1">About</a> <a id="sibling" href="other">Other</a>
<a id="local" href="http://localhost:{port}/about">Local</a></p>
<form method="post" action="/form"><input name="name" value="A &amp; b" aria-label="Name"><button>Send</button></form>
<script src="/script.js"></script></body></html>"""

SOCKETS = """<!doctype html><html lang="en"><head><title>Sockets</title></head><body><h1>Sockets</h1><p id="said"></p>
<script nonce="once">
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
socket.onopen = () => socket.send('hello');
socket.onmessage = event => { document.getElementById('said').textContent = event.data; };
</script></body></html>"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", kind="text/plain; charset=utf-8", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def json(self, value, headers=()):
        self.answer(200, json.dumps(value).encode(), "application/json", headers)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def handle_any(self):
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        name = "on_" + path.strip("/").replace("/", "_").replace(".", "_").replace("-", "_")
        getattr(self, name if path != "/" else "on_index", self.on_missing)(query)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = handle_any

    def on_index(self, _):
        headers = [("X-Frame-Options", "DENY"), ("Content-Security-Policy", "frame-ancestors 'none'"), ("Referrer-Policy", "no-referrer")]
        self.answer(200, PAGE.format(port=self.headers["Host"].split(":")[1]).encode(), "text/html; charset=utf-8", headers)

    def on_style_css(self, _):
        self.answer(200, b"h1 { color: rgb(1, 2, 3); background: url(/picture.svg) }", "text/css")

    def on_picture_svg(self, _):
        state["picture"] = True
        self.answer(200, b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"></svg>', "image/svg+xml")

    def on_script_js(self, _):
        self.answer(200, b"document.body.dataset.script = 'ran';", "text/javascript")

    def on_about(self, query):
        html = f"<!doctype html><title>About</title><h1>About {query.get('x', ['none'])[0]}</h1><p>{self.headers.get('Referer')}</p>"
        self.answer(200, html.encode(), "text/html")

    def on_secret_page(self, _):
        if self.headers.get("Authorization") != "Basic YWRhOnDDpHNz":  # ada:p\u00e4ss
            return self.answer(401, b"no", "text/plain", [("WWW-Authenticate", 'Basic realm="The \\"inner\\" part"')])
        self.answer(200, b"<!doctype html><title>Inside</title><h1>Inside</h1>", "text/html")

    def on_other(self, _):
        self.answer(200, b"<!doctype html><title>Other</title><h1>Other</h1>", "text/html")

    def on_lingering(self, _):
        """A page whose picture takes its time: it can be clicked long before it is all here."""
        port = self.headers["Host"].split(":")[1]
        html = f"<!doctype html><title>L</title><h1>Lingering</h1><img src='/slow?seconds=4' alt=''><a href='http://localhost:{port}/about'>Local</a>"
        self.answer(200, html.encode(), "text/html")

    def on_sockets(self, _):
        """A strict page, whose one script may run because of its nonce."""
        policy = [("Content-Security-Policy", "default-src 'self'; script-src 'nonce-once'")]
        self.answer(200, SOCKETS.encode(), "text/html", policy)

    def on_socket(self, _):
        """A WebSocket (RFC 6455) that says back what it is told; `?` asks for its headers, `close 4001 text` closes."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        offered = self.headers.get("Sec-WebSocket-Protocol")
        if offered:
            self.send_header("Sec-WebSocket-Protocol", offered.split(", ")[-1])
        self.end_headers()
        self.close_connection = True
        state["sockets"] += 1
        try:
            while self.say_back(*self.read_frame()):
                pass
        except (OSError, struct.error):
            pass
        finally:
            state["sockets"] -= 1

    def read_frame(self):
        first, length = struct.unpack("!BB", self.rfile.read(2))
        length &= 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.rfile.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.rfile.read(8))
        mask = self.rfile.read(4)
        payload = self.rfile.read(length)
        whole = (mask * (length // 4 + 1))[:length]
        return first & 0x0F, (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(length, "big")

    def write_frame(self, opcode, payload):
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 0x80 | opcode, length)
        elif length < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, length)
        self.wfile.write(head + payload)

    def say_back(self, opcode, payload):
        if opcode == 8:
            self.write_frame(8, payload)
            return False
        if opcode == 1 and payload == b"?":
            self.write_frame(1, json.dumps({key.lower(): value for key, value in self.headers.items()}).encode())
        elif opcode == 1 and payload.startswith(b"close "):
            _, code, reason = payload.decode().split(" ")
            self.write_frame(8, struct.pack("!H", int(code)) + reason.encode())
        else:
            self.write_frame(opcode, payload)
        return True

    def on_form(self, _):
        fields = parse_qs(self.body().decode())
        self.answer(303, headers=[("Location", "/thanks?name=" + fields["name"][0].replace(" ", "+").replace("&", "%26"))])

    def on_thanks(self, query):
        self.answer(200, f"<!doctype html><title>Thanks</title><h1>Thanks {query['name'][0]}</h1>".replace("&", "&amp;").encode(), "text/html")

    def on_echo(self, _):
        body = self.body()
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.json({"method": self.command, "path": self.path, "headers": headers, "length": len(body), "sha256": hashlib.sha256(body).hexdigest(),
                   "text": body[:200].decode("latin1")})

    def on_visit(self, _):
        cookies = dict(pair.split("=", 1) for pair in self.headers.get("Cookie", "").split("; ") if "=" in pair)
        count = int(cookies.get("count", 0)) + 1
        self.json({"count": count}, [("Set-Cookie", f"count={count}; Path=/; HttpOnly"), ("Set-Cookie", "other=a%20b")])

    def on_redirect(self, query):
        self.answer(int(query.get("status", ["302"])[0]), headers=[("Location", query["to"][0])])

    def on_status(self, query):
        self.answer(int(query["code"][0]), b"as it came", headers=[("X-Own", "yes")])

    def on_count(self, _):
        with lock:
            state["visits"] += 1
        self.json(state["visits"])

    def on_state(self, _):
        self.json(state)

    def on_download(self, query):
        size = int(query.get("bytes", [str(20 * 1024 * 1024)])[0])
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Disposition", 'attachment; filename="big.bin"')
        self.send_header("Content-Length", str(size))
        self.end_headers()
        sent = 0
        while sent < size:
            sent += self.wfile.write(BLOCK[: size - sent])
            state["sent"] = sent

    def on_events(self, query):
        """Server-sent events until the browser goes."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Connection", "close")
        self.end_headers()
        state["streams"] += 1
        try:
            for number in range(int(query.get("count", ["100000"])[0])):
                self.wfile.write(f"data: {number}\n\n".encode())
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass
        finally:
            state["streams"] -= 1
        self.close_connection = True

    def on_slow(self, query):
        time.sleep(float(query["seconds"][0]))
        self.answer(200, b"slow")

    def on_die(self, _):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"the beginning")
        self.wfile.flush()
        time.sleep(0.5)
        os._exit(1)

    def on_missing(self, _):
        self.answer(404, b"<!doctype html><title>404</title><h1>No such page in the container</h1>", "text/html")


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, *_):
        """Browsers leave in the middle: nothing to write about."""


print(f" * Running on http://127.0.0.1:{PORT}", flush=True)
Server(("0.0.0.0", PORT), Handler).serve_forever()
