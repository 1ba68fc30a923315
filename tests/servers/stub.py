# SPDX-License-Identifier: Apache-2.0
"""The core of the strict stub server: requests are recorded, faults are played, services answer.

A service is a function (server, request) -> None that answers through request.reply(). Paths under
/-/NAME/ belong to service NAME; everything else is S3. Faults are rules that the test posts:
  {"path": REGEX, "method": "GET", "kind": KIND, "times": N, "each": true, ...}
`times` counts for each path on its own when `each` is true. /-/control takes {"faults": [...],
"set": {...}, "reset": true}; /-/requests answers with what was recorded.
"""
import hashlib
import json
import random
import re
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote

# kind(s in turn), probability, parameters
STORM = [("503", 0.30, {}), ("429", 0.30, {"retry_after": 1}), ("reset", 0.10, {}),
         ("stall", 0.05, {"seconds": 4}), ("trunc", 0.02, {}), ("trunc wrong_range", 0.01, {}),
         ("trunc norange", 0.01, {})]
LOGIN_PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"


def content(name, size):
    """Bytes that only depend on the name."""
    block = hashlib.sha256(name.encode()).digest()
    return (block * (size // len(block) + 1))[:size]


class State:
    def __init__(self):
        self.lock = threading.RLock()
        self.settings = {}
        self.requests = []
        self.faults = []
        self.record = True
        self.told = {}  # path -> earliest moment of the next request
        self.early = []
        self.active = 0
        self.most_active = 0
        self.data = {}  # of services

    def control(self, order):
        with self.lock:
            if order.get("reset"):
                self.requests, self.faults, self.early, self.told = [], [], [], {}
                self.most_active = 0
            self.faults += [dict(f, seen={}) for f in order.get("faults", [])]
            self.settings.update(order.get("set", {}))
            self.record = self.settings.get("record", True)

    def storm_fault(self, path):
        """Each object of the storm suffers its faults once, one a request, drawn from its name."""
        storm = self.data.setdefault("storm", {})
        if path not in storm:
            dice = random.Random(path)
            faults = []
            for kind, chance, more in STORM:
                if dice.random() < chance:
                    faults += [{"kind": k, **more} for k in kind.split()]
            storm[path] = faults
        return storm[path].pop(0) if storm[path] else None

    def fault_of(self, method, path):
        with self.lock:
            if path.startswith("/-/files/storm/"):
                return self.storm_fault(path)
            for fault in self.faults:
                if fault.get("method", method) != method or not re.search(fault["path"], path):
                    continue
                key = path if fault.get("each") else ""
                used = fault["seen"].get(key, 0)
                skip = fault.get("after", 0)
                fault["seen"][key] = used + 1
                if skip <= used < skip + fault.get("times", 1 << 60):
                    return fault
        return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stub"
    services = {}
    default_service = None
    fault = None

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        offset = self.server.state.settings.get("clock_offset", 0)
        return super().date_time_string(time.time() + offset)

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def reply(self, status, body=b"", headers=None):
        """Answers, with the current fault's damage done to it."""
        if isinstance(body, str):
            body = body.encode()
        headers = dict(headers or {})
        fault = self.fault or {}
        kind = fault.get("kind")
        length = len(body)
        if kind == "wrongsum" and body:
            body = bytes([body[0] ^ 255]) + body[1:]
        if kind == "long":
            length += 1000
        if "Content-Length" not in headers and status != 204:
            headers["Content-Length"] = str(length)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD" or not body:
            return
        if kind in ("trunc", "stall"):
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            if kind == "stall":
                time.sleep(fault.get("seconds", 20))
            self.close_connection = True
            self.connection.close()
            return
        if kind == "hold":  # one half, and the other when the test takes the fault back
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            while fault in self.server.state.faults:
                time.sleep(0.02)
            self.wfile.write(body[len(body) // 2 :])
            return
        if kind == "slow":
            for start in range(0, len(body), 8192):
                self.wfile.write(body[start : start + 8192])
                time.sleep(fault.get("delay", 0.01))
            return
        self.wfile.write(body)

    def reply_json(self, value, status=200, headers=None):
        self.reply(status, json.dumps(value), {"Content-Type": "application/json", **(headers or {})})

    def reply_file(self, body, etag, headers=None):
        """GET with Range, If-Range and If-Match, as RFC 9110 wants it."""
        kind = (self.fault or {}).get("kind")
        headers = {"ETag": etag, "Accept-Ranges": "bytes", **(headers or {})}
        if "If-Match" in self.headers and self.headers["If-Match"] not in (etag, "*"):
            return self.reply(412)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        stale = self.headers.get("If-Range", etag) != etag
        if not wanted or stale or kind == "norange":
            return self.reply(200, body, headers)
        first = int(wanted[1])
        last = min(int(wanted[2] or len(body) - 1), len(body) - 1)
        if first >= len(body):
            return self.reply(416, b"", {"Content-Range": f"bytes */{len(body)}"})
        if kind == "short_range":  # allowed: the rest has to be asked for
            last = first + (last - first) // 2
        shown = first + 7 if kind == "wrong_range" else first
        headers["Content-Range"] = f"bytes {shown}-{last}/{len(body)}"
        return self.reply(206, body[first : last + 1], headers)

    def play_fault(self):
        """True when the fault is the whole answer."""
        fault = self.fault
        kind = str(fault["kind"])
        if kind.isdigit():
            headers = {}
            if "retry_after" in fault:
                headers["Retry-After"] = str(fault["retry_after"])
                with self.server.state.lock:
                    self.server.state.told[self.path] = time.monotonic() + fault["retry_after"]
            for name, value in fault.get("headers", {}).items():
                headers[name] = value
            self.reply(int(kind), fault.get("body", ""), headers)
        elif kind == "html":
            self.reply(200, LOGIN_PAGE, {"Content-Type": "text/html"})
        elif kind == "redirect":
            self.reply(fault.get("status", 302), "", {"Location": fault["to"]})
        elif kind == "hang":  # nothing happens, and no answer comes
            time.sleep(fault.get("seconds", 30))
            self.close_connection = True
        elif kind in ("reset", "drop"):
            if kind == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                           struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif kind == "accept_and_drop":  # the work is done, the answer is lost
            return False
        else:
            return False
        return True

    def handle_any(self):
        state = self.server.state
        raw, _, query = self.path.partition("?")
        self.raw_path, self.raw_query = raw, query
        self.query = dict(parse_qsl(query, keep_blank_values=True))
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length) if length else b""
        if raw == "/-/control":
            state.control(json.loads(self.body))
            return self.reply(200)
        if raw == "/-/requests":
            with state.lock:
                return self.reply_json({"requests": state.requests, "early": state.early,
                                        "most_active": state.most_active})
        now = time.monotonic()
        with state.lock:
            if now < state.told.get(self.path, 0) - 0.002:
                state.early.append(self.path)
            if state.record:
                state.requests.append({
                    "method": self.command, "path": raw, "query": query, "t": now,
                    "headers": {k.lower(): v for k, v in self.headers.items()},
                    "body": self.body[:20000].decode("utf-8", "replace")})
            state.active += 1
            state.most_active = max(state.most_active, state.active)
        try:
            self.fault = state.fault_of(self.command, self.path)
            if self.fault and self.play_fault():
                return None
            parts = raw.split("/", 3)
            service = self.services.get(parts[2]) if raw.startswith("/-/") else None
            self.rest = unquote(parts[3]) if service and len(parts) > 3 else ""
            if service:
                return service(self.server, self)
            if self.default_service and not raw.startswith("/-/"):
                return self.default_service(self.server, self)
            return self.reply(404)
        except (BrokenPipeError, ConnectionResetError, ValueError):
            self.close_connection = True
        finally:
            with state.lock:
                state.active -= 1

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = handle_any


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address=("127.0.0.1", 0)):
        super().__init__(address, Handler)
        self.state = State()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass
