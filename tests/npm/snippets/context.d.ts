// What the blocks that are parts of a user's file find there.
import type { IncomingMessage } from "node:http";
import type { Express } from "express";

/** An Express application. */
export declare const app: Express;
/** Node's request, and the bytes of its body. */
export declare const request: IncomingMessage;
export declare const rawBody: Buffer;
