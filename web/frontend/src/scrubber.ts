// The scrubber below the curve: phases as a strip, marks for what happened meanwhile, and a slider that is a plain range input.

import { element, t } from "./core";
import { type LiftData, PHASES } from "./lift-data";
import type { Replay } from "./lift-replay";

const STEPS = 1000;

export class Scrubber {
  private readonly slider: HTMLInputElement;
  private readonly track: HTMLElement;
  private data: LiftData;

  constructor(
    private readonly root: HTMLElement,
    data: LiftData,
    private readonly replay: Replay,
  ) {
    this.data = data;
    this.slider = element<HTMLInputElement>("#scrub-at", root);
    this.track = element("#scrub-track", root);
    this.slider.addEventListener("input", () => {
      const [from, to] = replay.range;
      replay.seek(from + (Number(this.slider.value) / STEPS) * (to - from));
    });
    this.draw();
    this.list();
  }

  setData(data: LiftData): void {
    this.data = data;
    this.draw();
  }

  show(atS: number): void {
    this.slider.value = String(Math.round(this.share(atS) * STEPS));
    const zero = this.data.times.touch_down ?? this.data.times.lift_off ?? this.replay.range[0];
    this.slider.setAttribute("aria-valuetext", `${(atS - zero).toFixed(1)} s`);
  }

  private share(atS: number): number {
    const [from, to] = this.replay.range;
    return Math.min(1, Math.max(0, (atS - from) / (to - from)));
  }

  private draw(): void {
    const parts: HTMLElement[] = [];
    for (const [phase, from, to] of PHASES) {
      const [start, end] = [this.data.times[from], this.data.times[to]];
      if (start === null || end === null) continue;
      const part = document.createElement("i");
      part.className = `scrub-phase swatch-${phase}`;
      part.style.left = `${this.share(start) * 100}%`;
      part.style.width = `${(this.share(end) - this.share(start)) * 100}%`;
      parts.push(part);
    }
    for (const mark of this.data.marks ?? []) {
      const flag = document.createElement("i");
      flag.className = `scrub-mark mark-${mark.kind}`;
      flag.style.left = `${this.share(mark.from_s) * 100}%`;
      if (mark.to_s !== null) flag.style.width = `max(0.5rem, ${(this.share(mark.to_s) - this.share(mark.from_s)) * 100}%)`;
      parts.push(flag);
    }
    this.track.replaceChildren(...parts);
  }

  /** The marks again in words; a tap goes there. */
  private list(): void {
    const list = element("#scrub-marks", this.root);
    const zero = this.data.times.touch_down ?? this.data.times.lift_off ?? this.replay.range[0];
    for (const mark of this.data.marks ?? []) {
      const item = document.createElement("li");
      const go = document.createElement("button");
      go.type = "button";
      go.className = `mark-line mark-${mark.kind}`;
      const after = mark.from_s - zero;
      go.textContent = `${after < 0 ? "−" : "+"}${Math.abs(after).toFixed(1)} s · ${mark.words}`;
      go.addEventListener("click", () => this.replay.seek(mark.from_s));
      item.append(go);
      list.append(item);
    }
    list.hidden = !list.childElementCount;
    if (list.hidden) list.removeAttribute("aria-label");
    else list.setAttribute("aria-label", t("lift.marks"));
  }
}
