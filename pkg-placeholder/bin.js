#!/usr/bin/env node
// Whoever writes `npx dealix-webhooks` outside a project gets this. It reads nothing: not its arguments, not the environment.
console.error("The package is @dealix/webhooks, and its command is: npx @dealix/webhooks");
process.exitCode = 1;
