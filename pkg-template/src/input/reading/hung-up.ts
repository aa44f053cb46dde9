/** The client went away before its body was complete: nobody will see a response. */
export class HungUp extends Error {
  readonly code = "ECONNRESET";

  constructor(cause?: unknown) {
    super("The client hung up before its body was complete.", { cause });
  }
}
