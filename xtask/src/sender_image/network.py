"""A network for one command: every name is this machine, by DNS, and answers HTTPS. Needs a network namespace of its own.

network.py CERTIFICATE KEY COMMAND…
"""

import http.server
import socket
import ssl
import subprocess
import sys
import threading

A, IN = 1, 1


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(204)
        self.end_headers()


def answer(query):
    """The address 127.0.0.1 for a question of type A, and none for any other."""
    end = query.index(0, 12) + 5
    question = query[12:end]
    is_a = question[-4:] == bytes([0, A, 0, IN])
    record = bytes([0xC0, 12, 0, A, 0, IN, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]) if is_a else b""
    return query[:2] + b"\x81\x80\0\1" + bytes([0, int(is_a)]) + b"\0\0\0\0" + question + record


def serve_names(udp):
    while True:
        query, client = udp.recvfrom(4096)
        udp.sendto(answer(query), client)


certificate, key, *command = sys.argv[1:]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 53))
threading.Thread(target=serve_names, args=[udp], daemon=True).start()
https = http.server.ThreadingHTTPServer(("127.0.0.1", 443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
https.socket = context.wrap_socket(https.socket, server_side=True)
threading.Thread(target=https.serve_forever, daemon=True).start()
sys.exit(subprocess.run(command).returncode)
