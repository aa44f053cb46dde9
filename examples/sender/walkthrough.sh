export DEALIX_DATABASE=sqlite://queue.db DEALIX_WEBHOOK_SECRET=whsec_test

# Register an endpoint. --local lets http and this machine's addresses through.
dealix-sender subscriptions add --customer cus_1 --to http://localhost:3000/webhooks/dealix --local

# Queue events: once the command has returned, each is on disk.
for n in $(seq 200); do
  dealix-sender enqueue --type deal.won --customer cus_1 --data "{\"name\": \"شركة الأفق 🌅\", \"amount\": $n.0}"
done

# Deliver, and pull the plug half-way.
dealix-sender work --local --concurrency 1 &
sleep 0.3 && kill -9 $!

# Start again. What was under way comes back when the killed worker is presumed dead: after 60 s unless told otherwise.
dealix-sender work --local --presumed-dead-after 5s --until-idle

# Read in the log that all arrived.
dealix-sender deliveries --limit 1000
