// Debian's Firefox over WebDriver BiDi, which needs no driver of its own.
import { once } from "node:events";
import { appendFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { script, startGroup } from "../runtimes/process.mjs";
import { WebSocket } from "./built.mjs";

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** Starts Firefox with a profile folder; `send` calls a method, `on` hears of an event, `end` ends the browser. */
export async function startFirefox(profile) {
  copyFileSync(script("firefox-user.js"), join(profile, "user.js"));
  appendFileSync(join(profile, "user.js"), 'user_pref("intl.accept_languages", "ar");\n');
  const env = { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" };
  const words = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"];
  const { child, end } = startGroup(FIREFOX, words, { env, stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  const stop = async () => (end(), await ended);
  try {
    const session = await connect(await listening(child));
    return { ...session, end: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listening(child) {
  const said = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const found = /WebDriver BiDi listening on (ws:\S+)/.exec(line);
    if (found) return found[1];
  }
  throw new Error(`Firefox ended:\n${said.join("\n")}`);
}

async function connect(url) {
  const socket = new WebSocket(`${url}/session`, { maxPayload: 100_000_000 });
  await once(socket, "open");
  const calls = new Map();
  const listeners = [];
  socket.on("message", (data) => {
    const message = JSON.parse(data);
    if (message.type === "event") for (const listener of listeners) listener(message.method, message.params);
    else settle(calls, message);
  });
  let id = 0;
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      calls.set(++id, { method, resolve, reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
  await send("session.new", { capabilities: {} });
  await send("session.subscribe", { events: ["network.beforeRequestSent", "log.entryAdded"] });
  return { send, on: (listener) => listeners.push(listener) };
}

function settle(calls, { id, type, result, error, message }) {
  const { method, resolve, reject } = calls.get(id);
  calls.delete(id);
  if (type === "success") resolve(result);
  else reject(new Error(`${method}: ${error}: ${message}`));
}
