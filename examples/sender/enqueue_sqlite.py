"""If the queue is a SQLite file, insert events into its outbox table: `python3 enqueue_sqlite.py queue.db`."""

import json
import sqlite3
import sys

with sqlite3.connect(sys.argv[1]) as connection:  # commits, or rolls back on an exception
    data = json.dumps({"company": "شركة الأفق", "amount": 12.50})
    connection.execute(
        "INSERT INTO dealix_outbox (event_type, customer_id, data) VALUES (?, ?, ?)", ["deal.won", "cus_1", data]
    )
