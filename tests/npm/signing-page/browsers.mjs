// A tab of Chromium or Firefox with the page in it, the same to a test: what it does, and what it must not do.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchChromium } from "../runtimes/chromium.mjs";
import { startFirefox } from "./bidi.mjs";

/** Runs in the page before its own script. */
const WATCH = `() => {
  window.violations = [];
  addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(event.violatedDirective + " " + event.blockedURI);
  });
}`;

/** Starts a browser; `open(address, options)` is a tab with a page, `end` ends the browser. */
export async function launch(name) {
  return name === "chromium" ? inChromium(await launchChromium()) : inFirefox();
}

function inChromium(browser) {
  return {
    end: () => browser.close(),
    async open(address, { language = "en", width = 1280, scheme = "light", isMobile = false } = {}) {
      const options = { viewport: { width, height: 800 }, locale: language, colorScheme: scheme, isMobile };
      const context = await browser.newContext({ ...options, hasTouch: isMobile, reducedMotion: "reduce" });
      const page = await context.newPage();
      const [requests, errors] = [[], []];
      page.on("request", (request) => requests.push(request.url()));
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.addInitScript(`(${WATCH})()`);
      await page.goto(address);
      return tab({
        requests,
        errors,
        evaluate: (code, argument) => page.evaluate(`(${code})(${JSON.stringify(argument) ?? ""})`),
        screenshot: (path) => page.screenshot({ path, fullPage: true }),
        /** A real click, at a place in the element if it is given: labels and the focus take part. */
        mouse: (selector, position) => page.click(selector, { position }),
        press: (key) => page.keyboard.press(key),
        type: (text) => page.keyboard.type(text),
        close: () => context.close(),
      });
    },
  };
}

async function inFirefox() {
  const profile = mkdtempSync(join(tmpdir(), "dealix-firefox-"));
  const { send, on, end } = await startFirefox(profile);
  await send("script.addPreloadScript", { functionDeclaration: WATCH });
  return {
    async end() {
      await end();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
    async open(address, { language = "en", width = 1280 } = {}) {
      const { context } = await send("browsingContext.create", { type: "tab" });
      const [requests, errors] = [[], []];
      on((method, params) => {
        if ((params.context ?? params.source?.context) !== context) return;
        if (method === "network.beforeRequestSent") requests.push(params.request.url);
        else if (params.level === "error") errors.push(params.text);
      });
      await send("browsingContext.setViewport", { context, viewport: { width, height: 800 } });
      await send("browsingContext.navigate", { context, url: address, wait: "complete" });
      const opened = tab({
        requests,
        errors,
        evaluate: async (code, argument) =>
          resultOf(await send("script.evaluate", evaluation(context, code, argument))),
        async screenshot(path) {
          const { data } = await send("browsingContext.captureScreenshot", { context, origin: "document" });
          writeFileSync(path, Buffer.from(data, "base64"));
        },
        press: (key) => send("input.performActions", { context, actions: presses(key) }),
        type: (text) => send("input.performActions", { context, actions: presses(...text) }),
        close: () => send("browsingContext.close", { context }),
      });
      // Firefox takes its languages from its profile, in which Arabic is the first.
      if (language === "en") await opened.evaluate(() => void document.querySelector("#language")?.click());
      return opened;
    },
  };
}

/** Keys that are no characters, as WebDriver numbers them. */
const KEYS = { Backspace: "\ue003", Tab: "\ue004", Enter: "\ue007", Shift: "\ue008", Control: "\ue009", F8: "\ue038" };

/** Presses of single keys or, as in "Control+z", of keys held together, one after another. */
function presses(...chords) {
  const actions = chords.flatMap((chord) => {
    const keys = chord.split(/(?<=.)\+/).map((key) => KEYS[key] ?? key);
    const all = (type) => keys.map((value) => ({ type, value }));
    return [...all("keyDown"), ...all("keyUp").reverse()];
  });
  return [{ type: "key", id: "keyboard", actions }];
}

function evaluation(context, code, argument) {
  const expression = `(async () => JSON.stringify(await (${code})(${JSON.stringify(argument) ?? ""})) ?? "null")()`;
  return { expression, target: { context }, awaitPromise: true };
}

function resultOf({ type, result, exceptionDetails }) {
  if (type !== "success") throw new Error(exceptionDetails.text);
  return JSON.parse(result.value);
}

const LIMIT_MS = 15_000;

function tab(base) {
  const evaluate = (run, argument) => base.evaluate(String(run), argument);
  const opened = {
    ...base,
    evaluate,
    // A file is read and judged before there is a button.
    async click(selector) {
      await opened.shows(selector);
      await evaluate((selector) => void document.querySelector(selector).click(), selector);
    },
    fill: (selector, text) => evaluate(enter, { selector, text, event: "input" }),
    choose: (selector, text) => evaluate(enter, { selector, text, event: "change" }),
    text: (selector) => evaluate((selector) => document.querySelector(selector)?.textContent ?? null, selector),
    value: (selector) => evaluate((selector) => document.querySelector(selector).value, selector),
    tone: () => evaluate(() => document.querySelector("#verdict").dataset.tone),
    word: () => opened.text("#verdict .word"),
    giveFile: (selector, bytes) => evaluate(chooseFile, { selector, base64: Buffer.from(bytes).toString("base64") }),
    async until(run, argument) {
      for (const end = Date.now() + LIMIT_MS; Date.now() < end; ) {
        if (await evaluate(run, argument)) return;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`never true: ${run}, ${JSON.stringify(argument)}; errors: ${base.errors.join("; ")}`);
    },
    shows: (selector) => opened.until((selector) => document.querySelector(selector) !== null, selector),
  };
  return opened;
}

/** What typing or choosing does to a field. */
function enter({ selector, text, event }) {
  const field = document.querySelector(selector);
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event(event, { bubbles: true }));
}

function chooseFile({ selector, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "body.json"));
  const field = document.querySelector(selector);
  field.files = transfer.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
