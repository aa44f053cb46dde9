"""A receiver on Stripe's SDK: right by default, or with the fault that its first argument names."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe

SECRET = os.environ["DEALIX_WEBHOOK_SECRET"]
FAULT = sys.argv[1] if len(sys.argv) > 1 else ""
MAX_BYTES = 1024 * 1024


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        if length > MAX_BYTES:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(length)
        try:
            if FAULT == "dumps":
                body = json.dumps(json.loads(body), separators=(",", ":"))
            tolerance = None if FAULT == "age" else 300
            stripe.Webhook.construct_event(body, self.headers["Dealix-Signature"], SECRET, tolerance)
        except (ValueError, stripe.SignatureVerificationError):
            return self.answer(400)
        except Exception:
            # Stripe's own example does not catch these: a v1 that is not ASCII is a TypeError, and `null` an
            # AttributeError in 16.1.
            return self.answer(500 if FAULT == "example" else 400)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(f"http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()
