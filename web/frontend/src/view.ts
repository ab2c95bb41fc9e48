// How this device wants its page: theme, numbers, which way it is turned, and whether there is more width or height.

import { elements, remember } from "./core";

export type Lie = "up" | "left" | "right" | "auto";
type Turn = "left" | "right" | null;

const SMALL_PX = 520;
const NARROW_PX = 700;

const root = document.documentElement;

/** Sets data-shape by what the person sees (after turning) and calls again whenever that changes. */
export function watchShape(): void {
  const shape = (): void => {
    const turned = "turn" in root.dataset;
    const wide = turned ? innerHeight > innerWidth : innerWidth > innerHeight;
    root.dataset["shape"] = wide ? "wide" : "tall";
    if ((turned ? innerHeight : innerWidth) < NARROW_PX) root.dataset["narrow"] = "";
    else delete root.dataset["narrow"];
    if (Math.min(innerWidth, innerHeight) < SMALL_PX && wide) root.dataset["small"] = "";
    else delete root.dataset["small"];
  };
  addEventListener("resize", shape);
  new MutationObserver(shape).observe(root, { attributes: true, attributeFilter: ["data-turn"] });
  shape();
}

function turn(to: Turn): void {
  if (to) root.dataset["turn"] = to;
  else delete root.dataset["turn"];
}

/** The lying view.  Returns what to call when the side of the working arm becomes known. */
export function lyingView(): (side: "left" | "right") => void {
  let lie = (root.dataset["lie"] ?? "up") as Lie;
  const buttons = elements<HTMLButtonElement>("[data-lie-to]");
  const show = (): void => {
    if (lie !== "auto") turn(lie === "up" ? null : lie);
    const now = root.dataset["turn"] ?? "up";
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset["lieTo"] === now));
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      lie = button.dataset["lieTo"] as Lie;
      remember("lie", lie);
      show();
    });
  }
  show();
  return (side) => {
    if (lie !== "auto") return;
    // The face looks towards the elbow that works, so the other cheek lies down.
    turn(side === "left" ? "right" : "left");
    show();
  };
}

export function themeToggle(): void {
  for (const button of elements<HTMLButtonElement>("[data-theme-toggle]")) {
    button.addEventListener("click", () => {
      const dark = root.dataset["theme"] ? root.dataset["theme"] === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset["theme"] = dark ? "light" : "dark";
      remember("theme", root.dataset["theme"]);
    });
  }
}

export function numbersToggle(): void {
  for (const button of elements<HTMLButtonElement>("[data-numbers-toggle]")) {
    button.addEventListener("click", () => {
      const hidden = root.dataset["numbers"] !== "hidden";
      if (hidden) root.dataset["numbers"] = "hidden";
      else delete root.dataset["numbers"];
      button.setAttribute("aria-pressed", String(hidden));
      remember("numbers", hidden ? "hidden" : "shown");
    });
  }
}
