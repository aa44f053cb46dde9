#!/usr/bin/env node
// Anyone who runs `npx dealix-webhooks` outside a project gets this. It reads neither its arguments nor the
// environment.
console.error("The package is @dealix/webhooks, and its command is: npx @dealix/webhooks");
process.exitCode = 1;
