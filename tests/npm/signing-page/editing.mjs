// What a person does in the editor of Sign, and sees there. The functions without a tab run in the page.
import assert from "node:assert/strict";

export async function openEditor(tab) {
  await tab.click("#mode-sign");
  await tab.shows("#data-editor");
}

/** Opens Sign, whose editor starts when the test calls `runIdle`. */
export async function openPlain(tab) {
  await tab.evaluate(() => {
    window.requestIdleCallback = (run) => ((window.runIdle = run), 0);
  });
  await tab.click("#mode-sign");
  await tab.until(() => window.runIdle !== undefined);
}

/** As a click on the field's label does it. */
export async function focusEditor(tab) {
  await tab.click(".data-head label");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "data-editor");
}

/** Waits until Sign says that there is no editor, and sees that one can do without. */
export async function assertPlain(tab) {
  await tab.until(() => document.querySelector(".data-head").textContent.includes("does not run in this browser"));
  assert.ok(await tab.evaluate(() => document.querySelector("#data").offsetHeight > 100), "the field is visible");
  await tab.fill("#data", '{"n": 1}');
  assert.match(await tab.text("#canonical"), /"data":\{"n":1\}/);
}

/** Types text in the place of all that is there. */
export async function enter(tab, text) {
  await focusEditor(tab);
  await tab.press("Control+a");
  await tab.type(text);
  await tab.until((text) => document.querySelector("#data").value === text, text);
}

/** Pastes 50 MB in short lines, and returns how long the page needs until it is drawn again. */
export async function paste() {
  const data = "123456789\n".repeat(5_000_000);
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", data);
  // Firefox takes the text from `data`.
  const options = { clipboardData, dataType: "text/plain", data, bubbles: true, cancelable: true };
  const editor = document.querySelector("#data-editor")?.shadowRoot.querySelector(".cm-content");
  const start = performance.now();
  (editor ?? document.querySelector("#data")).dispatchEvent(new ClipboardEvent("paste", options));
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - start;
}

export function shadowText() {
  return document.querySelector("#data-editor").shadowRoot.textContent;
}

export function attributes() {
  const { ariaLabel, ariaInvalid } = document.querySelector("#data-editor").shadowRoot.querySelector(".cm-content");
  return [ariaLabel, ariaInvalid];
}

export function marked(severity) {
  const root = document.querySelector("#data-editor").shadowRoot;
  return [...root.querySelectorAll(`.cm-lintRange-${severity}`)].map((element) => element.textContent);
}

/** Where the beginning of each text is, from the left. */
export function positions(texts) {
  const root = document.querySelector("#data-editor").shadowRoot.querySelector(".cm-content");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return texts.map((text) => {
    const node = nodes.find(({ data }) => data.includes(text));
    const start = node.data.indexOf(text);
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, start + String.fromCodePoint(text.codePointAt(0)).length);
    return range.getBoundingClientRect().left;
  });
}

/** The place of a field, of what follows it, and of the text in it. */
export function layout(selector) {
  const field = document.querySelector(selector);
  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height].map(Math.round);
  };
  const styleOf = (selector) => getComputedStyle(field.shadowRoot?.querySelector(selector) ?? field);
  const { fontFamily, fontSize, lineHeight, paddingLeft, color } = styleOf(".cm-line");
  const { paddingTop } = styleOf(".cm-content");
  const boxes = [field, document.querySelector("#signing-secret")].map(box);
  return { boxes, fontFamily, fontSize, lineHeight, paddingLeft, paddingTop, color };
}
