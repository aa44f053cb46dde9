import { answer, isAside } from "./aside/lane.js";
import "./style.css";

// The worker runs this script too, and has no document: what the page consists of must not run there.
if (isAside) answer();
else void import("./page.js").then(({ show }) => show());
