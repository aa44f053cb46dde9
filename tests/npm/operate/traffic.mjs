// Events all the time: each second one for every customer, queued in one batch by the command.
import { setTimeout as sleep } from "node:timers/promises";

export class Traffic {
  /** Every event that was queued: its id, its customer, and when. */
  queued = [];
  /** How often the queue did not take a batch. Each is tried again, with the same ids. */
  refusals = 0;
  #sender;
  #customers;
  #number = 0;
  #holds = 0;
  #isOver = false;
  #batch = Promise.resolve();
  #running;

  constructor(sender, customers) {
    this.#sender = sender;
    this.#customers = customers;
    this.#running = this.#run();
  }

  async stop() {
    this.#isOver = true;
    await this.#running;
  }

  /** Runs something while nothing is queued. */
  async held(what) {
    this.#holds += 1;
    try {
      await this.#batch;
      return await what();
    } finally {
      this.#holds -= 1;
    }
  }

  async #run() {
    while (!this.#isOver) {
      if (this.#holds === 0) {
        this.#batch = this.#queue();
        await this.#batch;
      }
      await sleep(1000);
    }
  }

  async #queue() {
    this.#number += 1;
    const events = this.#customers().map((customerId) => ({
      id: `evt_${this.#number}_${customerId}`,
      type: "deal.won",
      customer_id: customerId,
      data: { number: this.#number, company: "شركة الأفق", amount: 12.5 },
    }));
    const input = events.map((event) => JSON.stringify(event)).join("\n");
    while ((await this.#sender.try(["enqueue", "--batch", "-"], { input })).code !== 0) {
      this.refusals += 1;
      await sleep(1000);
    }
    const at = Date.now();
    this.queued.push(...events.map(({ id, customer_id: customerId }) => ({ id, customerId, at })));
  }
}
