// The curve of one lift: scale in percent of rest, rest line, the band in which it settles, phases with edges as soft as they are
// uncertain, breath below, a crosshair that reads.  Pinch, wheel and keys zoom; a quick sideways flick is left to whoever listens.

import uPlot from "uplot";
import { t } from "./core";
import { BOUNDARIES, type Boundary, type LiftData, PHASES, type Times, valueAt } from "./lift-data";
import { hatch, phaseColour } from "./patterns";

const HIGHEST = 1.2;
const SETTLED_BAND = 0.05;
const BREATH_SHARE = 0.13;
const SHORTEST_S = 1.5;
/** Seen around the lift at first; more is there when one zooms out. */
const SEEN_BEFORE_S = 3;
const SEEN_AFTER_S = 5;
/** An edge whose error is smaller than this is drawn as a line. */
const SHARP_S = 0.05;
const STEPS_S = [0.2, 0.5, 1, 2, 5, 10, 20, 30, 60];
const FLICK_MS = 300;
const FLICK_PX = 70;

export interface LiftPlotListener {
  crosshair(atS: number | null): void;
  flick(direction: -1 | 1): void;
  drawn(): void;
}

export class LiftPlot {
  readonly plot: uPlot;
  times: Times;
  private seen: [number, number];
  private readonly ends: [number, number];
  private playheadS: number | null = null;
  private crossS: number | null = null;
  private readonly playhead = document.createElement("i");
  private readonly cross = document.createElement("i");

  constructor(
    private readonly root: HTMLElement,
    private data: LiftData,
    private readonly listener: LiftPlotListener,
  ) {
    const window = data.window;
    if (!window) throw new Error("a lift without its recording has no plot");
    this.times = { ...data.times };
    const end = window.from_s + window.step_s * (window.load.length - 1);
    this.ends = [window.from_s, end];
    const known = BOUNDARIES.map((boundary) => data.times[boundary]).filter((at): at is number => at !== null);
    this.seen = [Math.max(this.ends[0], Math.min(...known) - SEEN_BEFORE_S), Math.min(this.ends[1], Math.max(...known) + SEEN_AFTER_S)];
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const font = `15px ${style.getPropertyValue("--font")}`;
    const x = window.load.map((_, i) => window.from_s + i * window.step_s);
    const load = window.load.map((value) => (value === null ? null : value / 1000));
    const top = Math.max(HIGHEST, ...load.map((value) => (value ?? 0) * 1.02));
    const low = window.breath ? -BREATH_SHARE * 2 : 0;
    const breath = window.breath;
    const breathLine = x.map((at) => {
      const value = breath ? valueAt(breath, window.from_s, window.zone_step_s, at) : null;
      return value === null ? null : -BREATH_SHARE + value * BREATH_SHARE * 0.6;
    });
    this.plot = new uPlot(
      {
        width: root.clientWidth,
        height: root.clientHeight,
        legend: { show: false },
        cursor: { show: false },
        padding: [10, 0, 0, 0],
        scales: { x: { time: false, range: () => this.seen }, y: { range: [low, top] } },
        axes: [
          { stroke: colour("--ink-soft"), font, grid: { show: false }, ticks: { show: false }, size: 34, splits: (_plot, _axis, from, to) => this.ticks(from, to), values: (_, at) => at.map((s) => this.label(s)) },
          {
            stroke: colour("--ink-soft"),
            font,
            size: 58,
            grid: { stroke: colour("--line"), width: 1 },
            ticks: { show: false },
            splits: () => [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2].filter((share) => share <= top),
            values: (_, at) => at.map((share) => `${Math.round(share * 100)} %`),
          },
        ],
        series: [
          {},
          { stroke: colour("--ink"), width: 2.25, points: { show: false }, pxAlign: 0 },
          { stroke: colour("--ink-soft"), width: 1.25, points: { show: false }, pxAlign: 0 },
        ],
        hooks: { drawClear: [(plot) => this.drawBehind(plot)], draw: [(plot) => this.drawOver(plot), () => this.place()] },
      },
      [x, load, breathLine] as uPlot.AlignedData,
      root,
    );
    this.playhead.className = "playhead";
    this.cross.className = "crosshair";
    this.playhead.hidden = this.cross.hidden = true;
    this.plot.over.append(this.playhead, this.cross);
    this.gestures();
    new ResizeObserver(() => {
      if (root.clientWidth && (root.clientWidth !== this.plot.width || root.clientHeight !== this.plot.height)) {
        this.plot.setSize({ width: root.clientWidth, height: root.clientHeight });
      }
    }).observe(root);
  }

  /** Pixels from the plot area's left edge, and back. */
  toPx(atS: number): number {
    return this.plot.valToPos(atS, "x");
  }

  toS(px: number): number {
    return this.plot.posToVal(px, "x");
  }

  get left(): number {
    return this.plot.over.offsetLeft;
  }

  get width(): number {
    return this.plot.over.clientWidth;
  }

  get range(): readonly [number, number] {
    return this.ends;
  }

  setTimes(times: Times, data: LiftData = this.data): void {
    this.times = { ...times };
    this.data = data;
    this.plot.redraw(false);
  }

  setPlayhead(atS: number | null): void {
    this.playheadS = atS;
    if (atS !== null && (atS < this.seen[0] || atS > this.seen[1])) {
      const length = this.seen[1] - this.seen[0];
      this.look(atS - 0.1 * length, atS + 0.9 * length);
    } else this.put(this.playhead, atS); // drawn every picture of a replay: nothing else moves
  }

  zoom(factor: number, around = (this.seen[0] + this.seen[1]) / 2): void {
    const [from, to] = this.seen;
    this.look(around - (around - from) * factor, around + (to - around) * factor);
  }

  look(from: number, to: number): void {
    const length = Math.min(Math.max(to - from, SHORTEST_S), this.ends[1] - this.ends[0]);
    const start = Math.min(Math.max(from, this.ends[0]), this.ends[1] - length);
    this.seen = [start, start + length];
    this.plot.setScale("x", { min: this.seen[0], max: this.seen[1] });
  }

  destroy(): void {
    this.plot.destroy();
  }

  /** Round times before and after touch-down, a finger's width apart. */
  private ticks(from: number, to: number): number[] {
    const zero = this.times.touch_down ?? this.times.lift_off ?? this.ends[0];
    const step = STEPS_S.find((one) => (one / (to - from)) * (this.root.clientWidth - 58) > 74) ?? 60;
    const ticks: number[] = [];
    for (let at = Math.ceil((from - zero) / step) * step; zero + at <= to; at += step) ticks.push(zero + at);
    return ticks;
  }

  private label(atS: number): string {
    const zero = this.times.touch_down ?? this.times.lift_off ?? this.ends[0];
    const after = Math.round((atS - zero) * 10) / 10;
    if (!after) return t("lift.zero");
    return `${after < 0 ? "−" : after > 0 ? "+" : ""}${Math.abs(after)} s`;
  }

  private place(): void {
    this.put(this.playhead, this.playheadS);
    this.put(this.cross, this.crossS);
    this.listener.drawn();
  }

  private put(line: HTMLElement, at: number | null): void {
    const px = at === null ? -1 : this.toPx(at);
    line.hidden = at === null || px < 0 || px > this.width;
    line.style.transform = `translateX(${px}px)`;
  }

  private drawBehind(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const at = (s: number): number => plot.valToPos(s, "x", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const [phase, from, to] of PHASES) {
      const [start, end] = [this.times[from], this.times[to]];
      if (start === null || end === null) continue;
      this.softBand(ctx, bbox, at, phase, [start, this.softness(from)], [end, this.softness(to)]);
    }
    this.settledBand(plot);
    ctx.restore();
  }

  /** How soft an edge is, in seconds to either side: two standard deviations of what the station found, nothing for one set by hand. */
  private softness(boundary: Boundary): number {
    const sd = this.data.sd[boundary];
    return this.times[boundary] === this.data.times[boundary] && sd !== null && sd > SHARP_S ? 2 * sd : 0;
  }

  private softBand(
    ctx: CanvasRenderingContext2D,
    bbox: uPlot.BBox,
    at: (s: number) => number,
    phase: "prepare" | "aloft" | "melt" | "rest",
    [start, softStart]: [number, number],
    [end, softEnd]: [number, number],
  ): void {
    const [left, right] = [at(start - softStart), at(end + softEnd)];
    const width = Math.max(right - left, 1);
    const colour = phaseColour(phase);
    const gradient = ctx.createLinearGradient(left, 0, left + width, 0);
    const stop = (s: number): number => Math.min(1, Math.max(0, (at(s) - left) / width));
    gradient.addColorStop(0, softStart ? `${colour}00` : colour);
    gradient.addColorStop(stop(Math.min(start + softStart, end)), colour);
    gradient.addColorStop(Math.max(stop(Math.min(start + softStart, end)), stop(Math.max(end - softEnd, start))), colour);
    gradient.addColorStop(1, softEnd ? `${colour}00` : colour);
    ctx.globalAlpha = 0.2;
    ctx.fillStyle = gradient;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    const pattern = hatch(ctx, phase);
    if (pattern) {
      ctx.globalAlpha = 0.16;
      ctx.fillStyle = pattern;
      ctx.fillRect(at(start), bbox.top, at(end) - at(start), bbox.height);
    }
    ctx.globalAlpha = 1;
    ctx.fillStyle = colour;
    for (const [edge, soft] of [[start, softStart], [end, softEnd]] as const) {
      if (!soft) ctx.fillRect(at(edge) - devicePixelRatio / 2, bbox.top, devicePixelRatio, bbox.height);
    }
  }

  private settledBand(plot: uPlot): void {
    const settled = this.data.window?.settled ?? null;
    const from = this.times.touch_down;
    if (settled === null || from === null) return;
    const { ctx, bbox } = plot;
    const y = (share: number): number => plot.valToPos(share, "y", true);
    const left = plot.valToPos(from, "x", true);
    ctx.globalAlpha = 0.16;
    ctx.fillStyle = phaseColour("rest");
    const top = y(settled * (1 + SETTLED_BAND));
    ctx.fillRect(left, top, bbox.left + bbox.width - left, y(settled * (1 - SETTLED_BAND)) - top);
    ctx.globalAlpha = 1;
  }

  private drawOver(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const style = getComputedStyle(document.documentElement);
    const px = devicePixelRatio;
    ctx.save();
    const line = plot.valToPos(1, "y", true);
    ctx.strokeStyle = style.getPropertyValue("--ink-soft").trim();
    ctx.lineWidth = 1.25 * px;
    ctx.setLineDash([6 * px, 5 * px]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, line);
    ctx.lineTo(bbox.left + bbox.width, line);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.font = `${14 * px}px ${style.getPropertyValue("--font")}`;
    ctx.fillStyle = style.getPropertyValue("--ink-soft").trim();
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    ctx.fillText(t("lift.rest"), bbox.left + 8 * px, line - 4 * px);
    if (this.data.window?.breath) {
      ctx.textBaseline = "top";
      ctx.fillText(t("lift.breath"), bbox.left + 8 * px, plot.valToPos(-0.01, "y", true) + 3 * px);
    }
    const settled = this.data.window?.settled ?? null;
    if (settled !== null) {
      const words = t("lift.settles");
      const width = ctx.measureText(words).width;
      ctx.textBaseline = "top";
      const right = bbox.left + bbox.width - width - 8 * px;
      if (this.times.touch_down !== null && right > plot.valToPos(this.times.touch_down, "x", true)) {
        ctx.fillText(words, right, plot.valToPos(settled * (1 - SETTLED_BAND), "y", true) + 4 * px);
      }
    }
    ctx.restore();
  }

  private point(clientX: number): void {
    const box = this.plot.over.getBoundingClientRect();
    this.crossS = Math.min(Math.max(this.toS(clientX - box.left), this.ends[0]), this.ends[1]);
    this.place();
    this.listener.crosshair(this.crossS);
  }

  private unpoint(): void {
    this.crossS = null;
    this.place();
    this.listener.crosshair(null);
  }

  /** One finger reads, a flick goes on to the next lift, two fingers pinch; a vertical swipe is left to the page. */
  private gestures(): void {
    const over = this.plot.over;
    const fingers = new Map<number, number>();
    let grip: { seen: [number, number]; at: number[] } | null = null;
    let down: { x: number; at: number } | null = null;
    const share = (x: number): number => {
      const box = over.getBoundingClientRect();
      return (x - box.left) / box.width;
    };
    over.addEventListener("pointerdown", (event) => {
      over.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, event.clientX);
      down = fingers.size === 1 ? { x: event.clientX, at: event.timeStamp } : null;
      grip = fingers.size === 2 ? { seen: [...this.seen], at: [...fingers.values()] } : null;
      if (fingers.size === 1) this.point(event.clientX);
    });
    over.addEventListener("pointermove", (event) => {
      if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event.clientX);
      if (fingers.size < 2) {
        this.point(event.clientX);
        return;
      }
      if (!grip) return;
      const [from, to] = grip.seen;
      const [a, b] = grip.at.map((x) => from + share(x) * (to - from)) as [number, number];
      const [p, q] = [...fingers.values()].slice(0, 2).map(share) as [number, number];
      const length = (b - a) / (q - p);
      if (Math.abs(q - p) > 0.02 && length > 0) this.look(a - p * length, a - p * length + length);
    });
    const end = (event: PointerEvent): void => {
      const moved = down ? event.clientX - down.x : 0;
      const quick = down && event.timeStamp - down.at < FLICK_MS && Math.abs(moved) > FLICK_PX;
      fingers.delete(event.pointerId);
      if (fingers.size < 2) grip = null;
      if (event.type === "pointerup" && quick && event.pointerType !== "mouse") this.listener.flick(moved < 0 ? 1 : -1);
      if (event.pointerType !== "mouse" || event.type === "pointercancel") this.unpoint();
      down = null;
    };
    over.addEventListener("pointerup", end);
    over.addEventListener("pointercancel", end);
    over.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.unpoint();
    });
    over.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006), this.seen[0] + share(event.clientX) * (this.seen[1] - this.seen[0]));
      },
      { passive: false },
    );
  }
}
