// Compile-time tests of the replay guard, for any runtime.
import { fetchHandler, type WebhookReplayError } from "@dealix/webhooks";
import {
  memoryStore,
  postgresStore,
  redisStore,
  ReplayGuard,
  WebhookReplayError as SameReplayError,
  type Claim,
  type ReplayStore,
  type RunResult,
} from "@dealix/webhooks/replay";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertType<_T extends true>(): void {}

export async function run(): Promise<void> {
  const guard = new ReplayGuard();
  new ReplayGuard(memoryStore({ maxEntries: 5 }), {
    leaseSeconds: 60,
    keepSeconds: undefined,
    onStoreError: (error, operation) => `${operation} ${error}`,
  });
  const result = await guard.run("evt_1", async () => 5);
  assertType<Equal<typeof result, RunResult<number>>>();
  if (result.duplicate) assertType<Equal<typeof result.value, undefined>>();
  else assertType<Equal<typeof result.value, number>>();
  const { duplicate, value } = await guard.run("evt_1", () => "now");
  assertType<Equal<typeof duplicate, boolean>>();
  assertType<Equal<typeof value, string | undefined>>();
  fetchHandler({ secret: "s", onEvent: (event) => guard.run(event.id, () => event.data) });
  // @ts-expect-error: the handler's promise in place of the handler
  guard.run("evt_1", Promise.resolve());
  // @ts-expect-error: the event instead of its id
  guard.run({ id: "evt_1" }, () => {});
  // @ts-expect-error: no such option
  new ReplayGuard(memoryStore(), { ttl: 5 });
  // @ts-expect-error: no store
  new ReplayGuard({ get: () => null });
}

/** A store of the user's own, with and without promises. */
export const own: ReplayStore = {
  claim: (id, token, leaseSeconds): Claim => (id === token || leaseSeconds > 5 ? "claimed" : "done"),
  finish: async (id: string, token: string, keepSeconds: number) => [id, token, keepSeconds],
  release() {},
};
new ReplayGuard(own);
// @ts-expect-error: a result that the guard does not know
export const wrong: ReplayStore = { claim: () => "taken", finish() {}, release() {} };

redisStore({ sendCommand: async (words: string[]) => words.length }, { prefix: "mine:" });
redisStore({ call: async (command: string, ...words: string[]) => `${command} ${words.length}` });
// @ts-expect-error: an address is not a client
redisStore("redis://localhost");
postgresStore({
  query: async (text: string, parameters: unknown[]) => ({ rows: [{ text, parameters }] }),
}).createTable();

export function explain(error: unknown): string {
  if (error instanceof SameReplayError)
    return (error satisfies WebhookReplayError).code satisfies
      | "delivery_in_progress"
      | "replay_store_full"
      | "replay_store_timeout";
  return "";
}
