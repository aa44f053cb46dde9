// The signing page in real browsers. All of its tests share one build and one process of each browser.
import "./signing-page/file.mjs";
import "./signing-page/editor.mjs";
import "./signing-page/no-editor.mjs";
import "./signing-page/flows.mjs";
import "./signing-page/causes.mjs";
import "./signing-page/copies.mjs";
import "./signing-page/screenshots.mjs";
