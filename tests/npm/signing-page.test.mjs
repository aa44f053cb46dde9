// The signing page in real browsers. All of its tests share one build and one process of each browser.
import "./signing-page/causes.mjs";
import "./signing-page/file.mjs";
import "./signing-page/flows.mjs";
import "./signing-page/editor.mjs";
import "./signing-page/no-editor.mjs";
import "./signing-page/links.mjs";
import "./signing-page/filling.mjs";
import "./signing-page/hostile.mjs";
import "./signing-page/pasted.mjs";
import "./signing-page/recordings.mjs";
import "./signing-page/large.mjs";
import "./signing-page/copies.mjs";
import "./signing-page/keyboard.mjs";
import "./signing-page/layout.mjs";
import "./signing-page/story.mjs";
import "./signing-page/screenshots.mjs";
