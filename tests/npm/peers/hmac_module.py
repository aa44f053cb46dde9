"""Signs the cases on standard input with Python's hmac, and prints the MACs."""

import base64
import hashlib
import hmac
import json
import sys


def mac(case):
    message = str(case["timestamp"]).encode() + b"." + base64.b64decode(case["body"])
    return hmac.new(case["secret"].encode(), message, hashlib.sha256).hexdigest()


print(json.dumps([mac(case) for case in json.load(sys.stdin)]))
