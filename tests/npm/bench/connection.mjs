// A connection to node:http that stays in the process.
import { createServer } from "node:http";
import { Duplex } from "node:stream";

/** `exchange` sends a request, and resolves to the response's head: all of it that there is, if it has no body. */
export function connect(listener) {
  const connection = new Connection();
  createServer({ keepAliveTimeout: 0 }, listener).emit("connection", connection);
  return connection;
}

class Connection extends Duplex {
  #respond;

  exchange(request) {
    return new Promise((resolve) => {
      this.#respond = resolve;
      this.push(request);
    });
  }

  _read() {}

  _write(chunk, _, done) {
    this.#respond(chunk);
    done();
  }

  // What node:http calls on a socket.
  setTimeout() {}
  setNoDelay() {}
  setKeepAlive() {}
  ref() {}
  unref() {}
}
