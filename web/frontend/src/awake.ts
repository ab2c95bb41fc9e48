// The screen stays on while the live page is seen: by a wake lock where the browser has one (https or this machine itself); elsewhere
// the page explains, once, how to tell the tablet.

import { element } from "./core";

const DONE = "advice-done";

export function keepAwake(): void {
  if ("wakeLock" in navigator) {
    let lock: WakeLockSentinel | null = null;
    const take = async (): Promise<void> => {
      if (document.hidden || (lock && !lock.released)) return;
      try {
        lock = await navigator.wakeLock.request("screen");
      } catch {
        // Refused, e.g. by a low battery: the tablet's own settings decide.
        lock = null;
      }
    };
    document.addEventListener("visibilitychange", () => void take());
    document.addEventListener("pointerup", () => void take());
    void take();
    return;
  }
  if (remembered()) return;
  const advice = element("#advice");
  advice.hidden = false;
  element("#advice-ok").addEventListener("click", () => {
    advice.hidden = true;
    try {
      localStorage.setItem(DONE, "1");
    } catch {
      // A private window forgets: the advice comes again.
    }
  });
}

function remembered(): boolean {
  try {
    return localStorage.getItem(DONE) !== null;
  } catch {
    return false;
  }
}
