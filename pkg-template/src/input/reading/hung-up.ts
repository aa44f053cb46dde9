/** The client went away before its body was complete: there is nobody to answer. */
export class HungUp extends Error {
  readonly code = "ECONNRESET";

  constructor(cause?: unknown) {
    super("The client hung up before its body was complete.", { cause });
  }
}
