// The ring that paces: it fills while the muscles engage, stays full while something is lifted, and empties as one lets go, at the
// person's own usual pace.  It never hurries: whoever is slower finds it waiting, full or empty.

import { element } from "./core";
import type { GuideView, LiveView } from "./messages";

type Phase = LiveView["phase"];

const USUAL = { prepare_s: 4, aloft_s: 6, melt_s: 8 };

export class Ring {
  private readonly part = element<SVGCircleElement>("#pace-part");
  private shown = "";

  /** phase: what is now; passed: seconds since it began. */
  show(phase: Phase | "none", passed: number, guide: GuideView | null | undefined): void {
    const pace = guide?.pace ?? USUAL;
    let share = 0;
    if (phase === "prepare") share = Math.min(1, passed / pace.prepare_s);
    else if (phase === "aloft") share = 1;
    else if (phase === "melt") share = Math.max(0, 1 - passed / pace.melt_s);
    if (guide?.trunk && phase === "rest") share = guide.trunk;
    const dash = `${(share * 100).toFixed(1)} 100`;
    if (dash === this.shown) return;
    this.shown = dash;
    this.part.setAttribute("stroke-dasharray", dash);
    // A dash of length nought with round ends would still be a dot.
    this.part.style.visibility = share > 0.004 ? "visible" : "hidden";
  }
}
