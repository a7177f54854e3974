"""What the office app asks of others, as one process on loopback: ``python stubs.py FOLDER``.

Serves HTTP, Redis and SMTP slowly, writes slowly into a named pipe, and keeps a lock on a database.
Prints what it has as one line of JSON, and ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import socketserver
import sqlite3
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
LISTING = b"""<?xml version="1.0"?><ListBucketResult><Name>invoices</Name><KeyCount>1</KeyCount>
<IsTruncated>false</IsTruncated><Contents><Key>2024-01.pdf</Key><Size>1</Size></Contents>
</ListBucketResult>"""


class Partner(BaseHTTPRequestHandler):
    """Answers everything after the milliseconds that the query names."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        """Answer after a while: a listing, keys, a drip of lines, or a rate."""
        asked = urlsplit(self.path)
        time.sleep(int(parse_qs(asked.query).get("ms", ["150"])[0]) / 1000)
        if asked.path == "/drip":
            self.drip()
        elif asked.path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self.answer({"keys": [public | {"kid": "k", "use": "sig", "alg": "RS256"}]})
        elif asked.path == "/invoices":
            self.answer(LISTING)
        else:
            self.answer({"rate": "1.08"})

    def do_POST(self):
        """Swallow the body, and answer as to a GET."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.do_GET()

    def answer(self, what):
        """Send JSON, or XML as it is."""
        xml = isinstance(what, bytes)
        body = what if xml else json.dumps(what).encode()
        self.send_response(200)
        self.send_header("content-type", "application/xml" if xml else "application/json")
        self.send_header("content-length", str(len(body)))
        if self.path.startswith("/log"):
            self.send_header("connection", "close")  # logging's own handler never closes
        self.end_headers()
        self.wfile.write(body)

    def drip(self):
        """Send six lines in chunks, 25 ms apart."""
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number in range(6):
            line = b"token %d\n" % number
            self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
            self.wfile.flush()
            time.sleep(0.025)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        """Say nothing."""


class Redis(socketserver.StreamRequestHandler):
    """Counts after 20 ms; agrees to everything else at once."""

    def handle(self):
        """Read arrays of strings, and answer each."""
        while header := self.rfile.readline():
            words = []
            for _ in range(int(header[1:])):
                length = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(length + 2)[:-2].upper())
            count = words[0] in {b"INCR", b"INCRBY"}
            if count:
                time.sleep(0.02)
            self.wfile.write(b":1\r\n" if count else b"+OK\r\n")


class Mail(socketserver.StreamRequestHandler):
    """Takes a mail, each reply after 25 ms."""

    def handle(self):
        """Greet, and agree to every command."""
        self.reply("220 mail")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"DATA":
                self.reply("354 go on")
                while self.rfile.readline() not in {b".\r\n", b""}:
                    pass
            self.reply("221 bye" if command == b"QUIT" else "250 fine")

    def reply(self, text):
        """Send a line after a while."""
        time.sleep(0.025)
        self.wfile.write(f"{text}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    """Takes many connections at once."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        """Let a client go that hung up."""


def write_slowly(pipe: Path):
    """Give each reader of the pipe a text, 100 ms after it opened it."""
    while True:
        with suppress(BrokenPipeError), pipe.open("wb") as out:
            time.sleep(0.1)
            out.write(b"scanned: 3 pages\n")
        time.sleep(0.005)


def main():
    """Start everything, tell of it, and wait for the end."""
    folder = Path(sys.argv[1])
    http = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    http.socket.listen(128)
    redis = Server(("127.0.0.1", 0), Redis)
    mail = Server(("127.0.0.1", 0), Mail)
    pipe = folder / "scanner"
    os.mkfifo(pipe)
    audit = sqlite3.connect(folder / "audit.db", isolation_level=None)
    audit.execute("create table audit (what text)")
    audit.execute("begin exclusive")
    threads = [(http.serve_forever, ()), (redis.serve_forever, ()), (mail.serve_forever, ())]
    for target, args in [*threads, (write_slowly, (pipe,))]:
        threading.Thread(target=target, args=args, daemon=True).start()
    told = {
        "partner": f"http://127.0.0.1:{http.server_port}",
        "redis_port": redis.server_address[1],
        "mail_port": mail.server_address[1],
        "scanner": str(pipe),
        "audit": str(folder / "audit.db"),
        "shop": str(folder / "shop.db"),
        "token": jwt.encode({"sub": "ada"}, KEY, "RS256", headers={"kid": "k"}),
    }
    print(json.dumps(told), flush=True)  # noqa: T201 - the app reads it
    sys.stdin.read()
    os._exit(0)  # threads may wait in the pipe for ever


if __name__ == "__main__":
    main()
