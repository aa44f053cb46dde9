// Real servers for tests: Debian's Redis and PostgreSQL on a free port of loopback, in a temporary folder.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, closeSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./free-port.mjs";

const START_TIMEOUT = 60_000;
const isRoot = process.getuid() === 0;

/**
 * A Redis that writes to disk before it responds, since a kill could lose data otherwise; `words` are more arguments.
 */
export function startRedis(...words) {
  const command = (folder, port) => [
    "redis-server",
    "--port",
    port,
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
    "--dir",
    folder,
    ...words,
  ];
  return start("redis", command, "SIGKILL");
}

/** A PostgreSQL, whose user is `postgres` and has no password. */
export function startPostgres() {
  const command = (folder, port) => [
    ...postgresCommand("postgres"),
    "-D",
    join(folder, "data"),
    "-h",
    "127.0.0.1",
    "-p",
    port,
    "-k",
    folder,
  ];
  // Its children use its shared memory: it must end them itself, at once.
  return start("postgres", command, "SIGQUIT", (folder) => {
    if (isRoot) execFileSync("chown", ["postgres:", folder]);
    const [program, ...words] = postgresCommand("initdb");
    execFileSync(program, [
      ...words,
      "--auth=trust",
      "--username=postgres",
      "--no-sync",
      "--pgdata",
      join(folder, "data"),
    ]);
  });
}

async function start(name, command, signal, prepare = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), `dealix-${name}-`));
  const port = await freePort();
  let child;
  const server = {
    port,
    /** Starts it, or restarts it after `kill`, on the same files and port. */
    async resume() {
      const [program, ...words] = command(folder, String(port));
      const log = openSync(join(folder, "server.log"), "a");
      child = spawn(program, words, { stdio: ["ignore", log, log] });
      closeSync(log);
      const failure = new Promise((resolve) => child.once("error", resolve));
      for (const started = Date.now(); !(await answers(name, port)); ) {
        const error = await Promise.race([failure, wait(20)]);
        if (error) throw new Error(`${program}: ${error.message}; cargo xtask setup installs it`);
        if (child.exitCode !== null || Date.now() - started > START_TIMEOUT) {
          throw new Error(`${name} does not start:\n${readFileSync(join(folder, "server.log"), "utf8")}`);
        }
      }
    },
    /** Ends it as a failing machine would. */
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
    },
    /** Pauses its processes, like a machine that hangs; call what it returns to resume them. */
    freeze() {
      const group = [
        child.pid,
        ...readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ").filter(Boolean).map(Number),
      ];
      const send = (signal) => {
        for (const pid of group) process.kill(pid, signal);
      };
      send("SIGSTOP");
      return () => send("SIGCONT");
    },
    async stop() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
      process.off("exit", abandon);
    },
  };
  // A test that timed out does not come to its `stop`.
  const abandon = () => {
    child?.kill(signal);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", abandon);
  try {
    prepare(folder);
    await server.resume();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** PostgreSQL takes connections before it takes queries. */
async function answers(name, port) {
  if (!(await isOpen(port))) return false;
  if (name !== "postgres") return true;
  try {
    execFileSync(postgresBin("pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]);
    return true;
  } catch {
    return false;
  }
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

/** PostgreSQL refuses to run as root. */
function postgresCommand(program) {
  const path = postgresBin(program);
  return isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", path] : [path];
}

/** Debian keeps PostgreSQL's server off the PATH, in a folder a version. */
export function postgresBin(program) {
  try {
    const [newest] = readdirSync("/usr/lib/postgresql").sort((one, other) => other - one);
    return join("/usr/lib/postgresql", newest, "bin", program);
  } catch {
    return program;
  }
}
