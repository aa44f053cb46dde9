// The signing page in real browsers. All of its tests share one build and one process of each browser.
// The causes come first: their deliveries are signed when the file is loaded, and go stale after five minutes.
import "./signing-page/causes.mjs";
import "./signing-page/file.mjs";
import "./signing-page/flows.mjs";
import "./signing-page/editor.mjs";
import "./signing-page/no-editor.mjs";
import "./signing-page/hostile.mjs";
import "./signing-page/pasted.mjs";
import "./signing-page/recordings.mjs";
import "./signing-page/large.mjs";
import "./signing-page/copies.mjs";
import "./signing-page/keyboard.mjs";
import "./signing-page/labels.mjs";
import "./signing-page/spoken.mjs";
import "./signing-page/secret-fields.mjs";
import "./signing-page/difference.mjs";
import "./signing-page/layout.mjs";
import "./signing-page/story.mjs";
import "./signing-page/screenshots.mjs";
