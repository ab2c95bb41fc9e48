// A line that says what was done or did not work, and goes away again.

import { write } from "./core";

const SHOWN_MS = 6000;
let timer = 0;

export function toast(words: string): void {
  let line = document.getElementById("toast");
  if (!line) {
    line = document.createElement("p");
    line.id = "toast";
    line.className = "toast";
    line.setAttribute("role", "status");
    document.body.append(line);
  }
  const shown = line;
  shown.hidden = false;
  write(shown, words);
  clearTimeout(timer);
  timer = setTimeout(() => {
    shown.hidden = true;
  }, SHOWN_MS);
}
