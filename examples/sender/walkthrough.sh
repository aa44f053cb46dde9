export DEALIX_DATABASE=sqlite://queue.db DEALIX_WEBHOOK_SECRET=whsec_test

# Register an endpoint. --local allows http and this machine's addresses.
dealix-sender subscriptions add --customer cus_1 --to http://localhost:3000/webhooks/dealix --local

# Queue 2,000 events, one per line: all of them, or none. When the command returns, they are on disk.
event='{"type": "deal.won", "customer_id": "cus_1", "data": {"name": "شركة الأفق 🌅", "amount": 12.50}}'
yes "$event" | head -n 2000 | dealix-sender enqueue --batch -

# Deliver, and kill the worker halfway.
dealix-sender work --local --concurrency 1 --lease 5s &
until [ "$(dealix-sender deliveries --state delivered --count)" -ge 100 ]; do sleep 0.1; done
kill -9 $!

# Start again. What was in flight is delivered when the killed worker's lease ends: after 5 s here, 60 s by default.
dealix-sender work --local --until-idle

# All have arrived.
dealix-sender deliveries --state delivered --count
