// The knobs below the curve: the only place where an edge is moved.
//
// A knob moves after eight pixels sideways; until then the page may scroll.  A second finger, a cancelled touch or Escape puts
// everything back and nothing is sent.  Arrow presses in a row are one correction: it is sent when the hand rests or goes elsewhere.

import { t } from "./core";
import { BOUNDARIES, type Boundary, type LiftData, type Times } from "./lift-data";
import type { LiftPlot } from "./lift-plot";

const THRESHOLD_PX = 8;
const APART_PX = 46;
const CLOSE_S = 0.02;
const STEP_S = 0.05;
const PAGE_S = 0.5;
const REST_MS = 1200;

export interface KnobListener {
  /** An edge is on its way; nothing is kept yet. */
  moving(times: Times, boundary: Boundary): void;
  /** It is where it was. */
  putBack(): void;
  moved(boundary: Boundary, atS: number): void;
}

export class Knobs {
  private readonly knobs = new Map<Boundary, HTMLButtonElement>();
  private readonly stems = new Map<Boundary, HTMLElement>();
  private times: Times;
  private kept: Times;
  private held: { boundary: Boundary; timer: number } | null = null;
  private drag: { id: number; boundary: Boundary; x: number; at: number; moving: boolean } | null = null;
  private readonly away = new AbortController();

  constructor(
    private readonly rail: HTMLElement,
    private readonly plot: LiftPlot,
    data: LiftData,
    private readonly startedS: number,
    private readonly listener: KnobListener,
    private readonly words: (times: Times, boundary: Boundary) => string,
  ) {
    this.times = { ...data.times };
    this.kept = { ...data.times };
    for (const boundary of BOUNDARIES) if (this.times[boundary] !== null) this.make(boundary);
    // A second finger anywhere: the hand wants something else.
    document.addEventListener(
      "pointerdown",
      (event) => {
        if (this.drag && event.pointerId !== this.drag.id) this.putBack();
      },
      { capture: true, signal: this.away.signal },
    );
    this.place();
  }

  /** What the station keeps now. */
  setTimes(times: Times): void {
    if (this.drag || this.held) return;
    this.times = { ...times };
    this.kept = { ...times };
    this.place();
  }

  /** Send at once what was moved by key and waits for the hand to rest. */
  flush(): void {
    const held = this.held;
    if (!held) return;
    clearTimeout(held.timer);
    this.held = null;
    const at = this.times[held.boundary];
    if (at !== null && at !== this.kept[held.boundary]) {
      this.kept[held.boundary] = at;
      this.listener.moved(held.boundary, at);
    }
  }

  destroy(): void {
    this.flush();
    this.away.abort();
  }

  /** Knobs keep a finger's width apart; a stem shows where each belongs. */
  place(): void {
    const shown = BOUNDARIES.filter((boundary) => this.knobs.has(boundary) && this.times[boundary] !== null);
    const wanted = shown.map((boundary) => this.plot.toPx(this.times[boundary] as number));
    const at = spread(wanted, this.plot.width);
    shown.forEach((boundary, index) => {
      const knob = this.knobs.get(boundary);
      const stem = this.stems.get(boundary);
      const px = wanted[index] as number;
      const outside = px < -1 || px > this.plot.width + 1;
      if (!knob || !stem) return;
      knob.hidden = stem.hidden = outside;
      knob.style.left = `${(at[index] as number) + this.plot.left}px`;
      const slant = (at[index] as number) - px;
      const angle = (Math.atan2(slant, 18) * 180) / Math.PI;
      stem.style.left = `${px + this.plot.left}px`;
      stem.style.height = `${Math.hypot(slant, 18)}px`;
      stem.style.transform = `rotate(${-angle}deg)`;
      const now = this.times[boundary] as number;
      knob.setAttribute("aria-valuemin", (this.lowest(boundary) - this.startedS).toFixed(2));
      knob.setAttribute("aria-valuemax", (this.highest(boundary) - this.startedS).toFixed(2));
      knob.setAttribute("aria-valuenow", (now - this.startedS).toFixed(2));
      knob.setAttribute("aria-valuetext", this.words(this.times, boundary));
    });
  }

  private make(boundary: Boundary): void {
    const knob = document.createElement("button");
    knob.type = "button";
    knob.className = `knob knob-${boundary}`;
    knob.dataset["boundary"] = boundary;
    knob.setAttribute("role", "slider");
    knob.setAttribute("aria-label", t(`review.boundary_${boundary}`));
    knob.title = t(`review.boundary_${boundary}`);
    const stem = document.createElement("i");
    stem.className = "stem";
    this.rail.append(stem, knob);
    this.knobs.set(boundary, knob);
    this.stems.set(boundary, stem);
    knob.addEventListener("pointerdown", (event) => {
      if (this.drag || event.button > 0) return;
      this.flush();
      knob.setPointerCapture(event.pointerId);
      this.drag = { id: event.pointerId, boundary, x: event.clientX, at: this.times[boundary] as number, moving: false };
    });
    knob.addEventListener("pointermove", (event) => this.dragged(event));
    knob.addEventListener("pointerup", (event) => this.dropped(event));
    for (const name of ["pointercancel", "lostpointercapture"] as const) {
      knob.addEventListener(name, (event) => {
        if (this.drag?.id === event.pointerId) this.putBack();
      });
    }
    knob.addEventListener("keydown", (event) => this.pressed(event, boundary));
    knob.addEventListener("blur", () => this.flush());
  }

  private dragged(event: PointerEvent): void {
    const drag = this.drag;
    if (!drag || event.pointerId !== drag.id) return;
    const by = event.clientX - drag.x;
    if (!drag.moving) {
      if (Math.abs(by) < THRESHOLD_PX) return;
      drag.moving = true;
      this.knobs.get(drag.boundary)?.classList.add("moving");
    }
    // The threshold is taken off, so that the edge does not jump when it begins to move.
    const px = by - Math.sign(by) * THRESHOLD_PX;
    this.move(drag.boundary, drag.at + this.plot.toS(px) - this.plot.toS(0));
  }

  private dropped(event: PointerEvent): void {
    const drag = this.drag;
    if (!drag || event.pointerId !== drag.id) return;
    this.drag = null;
    this.knobs.get(drag.boundary)?.classList.remove("moving");
    const at = this.times[drag.boundary];
    if (!drag.moving || at === null || at === this.kept[drag.boundary]) return;
    this.kept[drag.boundary] = at;
    this.listener.moved(drag.boundary, at);
  }

  private pressed(event: KeyboardEvent, boundary: Boundary): void {
    if (event.key === "Escape" && (this.held || this.drag)) {
      event.stopPropagation();
      this.putBack();
      return;
    }
    if (event.key === "Enter" && this.held) {
      event.preventDefault();
      this.flush();
      return;
    }
    const step = { ArrowLeft: -STEP_S, ArrowRight: STEP_S, ArrowDown: -STEP_S, ArrowUp: STEP_S, PageDown: -PAGE_S, PageUp: PAGE_S }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.held && this.held.boundary !== boundary) this.flush();
    clearTimeout(this.held?.timer);
    this.move(boundary, (this.times[boundary] as number) + step);
    this.held = { boundary, timer: setTimeout(() => this.flush(), REST_MS) };
  }

  private move(boundary: Boundary, atS: number): void {
    this.times[boundary] = Math.min(Math.max(atS, this.lowest(boundary)), this.highest(boundary));
    this.place();
    this.listener.moving({ ...this.times }, boundary);
  }

  private putBack(): void {
    clearTimeout(this.held?.timer);
    this.held = null;
    const moved = BOUNDARIES.some((boundary) => this.times[boundary] !== this.kept[boundary]);
    if (this.drag) this.knobs.get(this.drag.boundary)?.classList.remove("moving");
    this.drag = null;
    this.times = { ...this.kept };
    this.place();
    if (moved) this.listener.putBack();
  }

  private lowest(boundary: Boundary): number {
    const earlier = BOUNDARIES.slice(0, BOUNDARIES.indexOf(boundary)).map((one) => this.times[one]);
    return Math.max(this.plot.range[0], ...earlier.filter((at): at is number => at !== null).map((at) => at + CLOSE_S));
  }

  private highest(boundary: Boundary): number {
    const later = BOUNDARIES.slice(BOUNDARIES.indexOf(boundary) + 1).map((one) => this.times[one]);
    return Math.min(this.plot.range[1], ...later.filter((at): at is number => at !== null).map((at) => at - CLOSE_S));
  }
}

/** Rising places, moved as little as possible until neighbours are `APART_PX` apart, within 0..width. */
function spread(wanted: number[], width: number): number[] {
  const at = [...wanted];
  for (let round = 0; round < 24; round++) {
    for (let i = 1; i < at.length; i++) {
      const lack = APART_PX - ((at[i] as number) - (at[i - 1] as number));
      if (lack > 0.1) {
        at[i - 1] = (at[i - 1] as number) - lack / 2;
        at[i] = (at[i] as number) + lack / 2;
      }
    }
    for (let i = 0; i < at.length; i++) {
      at[i] = Math.min(Math.max(at[i] as number, i * APART_PX), width - (at.length - 1 - i) * APART_PX);
    }
  }
  return at;
}
