/** Small, so that the tests are quick; what leaks is large all the same. */
export const LIMITS = { maxBodyBytes: 100_000, bodyTimeoutSeconds: 1 };
