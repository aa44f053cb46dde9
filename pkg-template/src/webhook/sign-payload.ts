import { DEFAULT_MAX_AGE_SECONDS } from "../generated/constants.js";
import { bodyContent, type Body } from "../input/body.js";
import { atCaller } from "../errors.js";
import { knownOptions, signingTime } from "../input/options.js";
import { sign } from "./sign.js";
import { verifierFor } from "./verifier.js";

export interface SignPayloadOptions {
  secret: string | undefined;
  body: Body;
  /** The time to sign at, in seconds since 1970; now by default. */
  timestamp?: number | undefined;
}

/** The `Dealix-Signature` header for a body. */
export function signPayload(options: SignPayloadOptions): string {
  return atCaller(signPayload, () => {
    const { secret, body, timestamp } = knownOptions(options, {
      secret: undefined,
      body: undefined,
      timestamp: undefined,
    });
    const verifier = verifierFor(secret, DEFAULT_MAX_AGE_SECONDS);
    return sign(verifier, bodyContent(body), signingTime(timestamp));
  });
}
