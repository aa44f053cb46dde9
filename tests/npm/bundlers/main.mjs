// Node prints the result, and a page shows it.
import { consume } from "./consumer.mjs";

consume().then((answer) => {
  console.log(answer);
  if (typeof document !== "undefined") document.title = answer;
});
