"""Servers on loopback that answer whatever a test wants, down to the bytes. Knows nothing of pytest or Django."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[socket.socket, bytes], None]
Reply = Callable[[str, str, Mapping[str, str], bytes], tuple[int, dict[str, str], bytes] | None]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """A server that reads a request's head and hands the connection to `answer`; gives its base URL."""
    with _listening(answer, lambda connection: connection) as address:
        yield f"http://{address}"


@contextmanager
def http_server(reply: Reply) -> Iterator[str]:
    """A server that keeps connections and answers each request as `reply(method, path, headers, body)` says: with a
    status, headers and a body, or (None) by hanging up. Gives its base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = reply(self.command, self.path, self.headers, body)
            if answer is None:
                self.close_connection = True
                return
            status, headers, text = answer
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

        def log_message(self, *_args: object) -> None: ...

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()


@contextmanager
def tls_server(own: Path, answer: Answer) -> Iterator[str]:
    """The same behind TLS, with the key and the certificate in the file `own`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own)
    with _listening(answer, lambda connection: context.wrap_socket(connection, server_side=True)) as address:
        yield f"https://{address}"


def certificate(folder: Path) -> Path:
    """A file with a new key and a certificate for this machine that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "loopback.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form) + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def _listening(answer: Answer, dressed: Callable[[socket.socket], socket.socket]) -> Iterator[str]:
    """A server whose connections are `dressed` first; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    def handle(connection: socket.socket) -> None:
        try:
            with dressed(connection) as plain:
                answer(plain, plain.recv(65536))
        except OSError:
            """The client has gone, which is its right."""
        finally:
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def reply(status: str = "200 OK", body: bytes = b"{}", headers: str = "") -> Answer:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return raw(head.encode() + body)


def raw(data: bytes) -> Answer:
    return lambda connection, _request: connection.sendall(data)
