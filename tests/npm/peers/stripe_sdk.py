"""Verifies and signs those cases on standard input whose body is text, with Stripe's SDK."""

import base64
import json
import sys

import stripe


def is_accepted(payload, case):
    try:
        return stripe.WebhookSignature.verify_header(payload, case["header"], case["secret"], 300)
    except stripe.SignatureVerificationError:
        return False


def result(case):
    payload = base64.b64decode(case["body"]).decode()
    return {
        "verified": is_accepted(payload, case),
        "refused": not is_accepted(payload + " ", case),
        "mac": stripe.WebhookSignature._compute_signature(f"{case['timestamp']}.{payload}", case["secret"]),
    }


print(json.dumps([result(case) for case in json.load(sys.stdin) if case["isText"]]))
