"""Marks a deal as won, and queues the event that tells the customer: `python3 enqueue.py DEAL`, with psycopg 3."""

import json
import os
import sys

import psycopg


def win(connection, deal_id):
    # One transaction: either the deal is won, its event queued and its invoice written, or nothing happens.
    with connection.transaction():
        customer_id, company, amount = connection.execute(
            "UPDATE deals SET state = 'won' WHERE id = %s RETURNING customer_id, company, amount", [deal_id]
        ).fetchone()
        data = json.dumps({"deal_id": deal_id, "company": company, "amount": float(amount)})
        connection.execute("SELECT dealix.enqueue(%s, %s, %s)", ["deal.won", customer_id, data])
        connection.execute("INSERT INTO invoices (deal_id, amount) VALUES (%s, %s)", [deal_id, amount])


with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    win(connection, int(sys.argv[1]))
