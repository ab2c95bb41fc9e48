// The plot of a session: one lane per limb, its zones as lines, its phases as bands behind them.
//
// The server decimates: for the stretch that is seen it sends each pixel's minimum and maximum in time order.  A zoom or pan moves the
// axis at once over the points that are there, and asks for finer ones as soon as the hand is still.

import uPlot from "uplot";
import { ApiError, get, named } from "./core";
import { PHASES, type Times } from "./lift-data";
import { hatch } from "./patterns";

const LANE_PX = 92;
const LANE_SHARE = 0.86;
const HIGHEST = 1.45;
const SHORTEST_S = 2;
const REFETCH_MS = 90;
const MARGIN = 0.5;
/** A finger that moved less than this tapped. */
const TAP_PX = 8;
/** What people count time in. */
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

export interface Overviewed extends Times {
  id: number;
  limb: string;
  not_a_lift: boolean;
}

export interface Lane {
  name: string;
  zones: string[];
}

interface Points {
  t_s: Float32Array;
  /** Zone -> loads in thousandths of the zone's usual load, `NOTHING` where nothing was measured. */
  loads: Map<string, Int16Array>;
  from: number;
}

const NOTHING = -32768;

export async function fetchPoints(session: number, query: string): Promise<Points> {
  const buffer = await (await get(`/api/v1/sessions/${session}/trace?${query}`)).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as { t0_s: number; points: number; zones: string[] };
  const start = 4 + length;
  const t_s = new Float32Array(buffer, start, head.points);
  const loads = new Map<string, Int16Array>();
  head.zones.forEach((zone, index) => loads.set(zone, new Int16Array(buffer, start + 4 * head.points + 2 * head.points * index, head.points)));
  return { t_s, loads, from: head.t0_s };
}

export class TracePlot {
  private readonly plot: uPlot;
  private readonly lines: { lane: number; zone: string; lead: boolean }[] = [];
  private lifts: Overviewed[] = [];
  private fetchTimer = 0;
  private fetchNumber = 0;
  private readonly ends: [number, number];

  /** Times handed in and out are seconds of the session's own axis; the plot shows them since its start. */
  constructor(
    private readonly root: HTMLElement,
    private readonly session: number,
    private readonly startedS: number,
    private readonly lanes: Lane[],
    first: Points,
    private readonly chosen: (lift: Overviewed) => void,
  ) {
    lanes.forEach((lane, index) => {
      // The lead zone last, so that it lies on top.
      [...lane.zones].reverse().forEach((zone) => this.lines.push({ lane: index, zone, lead: zone === lane.zones[0] }));
    });
    const offset = first.from - startedS;
    this.ends = [offset, offset + (first.t_s[first.t_s.length - 1] ?? 1)];
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--ink").trim();
    const soft = style.getPropertyValue("--ink-soft").trim();
    const line = style.getPropertyValue("--line").trim();
    const font = `15px ${style.getPropertyValue("--font")}`;
    const width = 1 / devicePixelRatio;
    this.plot = new uPlot(
      {
        width: root.clientWidth,
        height: lanes.length * LANE_PX + 44,
        legend: { show: false },
        cursor: { show: false },
        padding: [4, 24, 0, 24],
        scales: { x: { time: false, range: () => this.seen }, y: { range: [0, lanes.length] } },
        axes: [
          { stroke: soft, font, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: 40, space: 90, incrs: STEPS_S, values: (_, at) => at.map(clock) },
          { show: false },
        ],
        series: [
          {},
          ...this.lines.map(({ lead }) => ({ stroke: lead ? ink : soft, alpha: lead ? 1 : 0.5, width: lead ? 1.5 * width : width, points: { show: false }, pxAlign: 0 as const })),
        ],
        hooks: { drawClear: [(plot) => this.drawBands(plot)] },
      },
      this.aligned(first),
      root,
    );
    this.labelLanes();
    this.gestures();
    new ResizeObserver(() => {
      if (root.clientWidth !== this.plot.width) this.plot.setSize({ width: root.clientWidth, height: this.plot.height });
    }).observe(root);
  }

  private seen: [number, number] = [0, 1];

  private aligned(points: Points): uPlot.AlignedData {
    if (this.seen[1] === 1) this.seen = [...this.ends];
    const offset = points.from - this.startedS;
    const n = points.t_s.length;
    const x = new Array<number>(n);
    for (let i = 0; i < n; i++) x[i] = (points.t_s[i] as number) + offset;
    const data: (number | null)[][] = [x];
    for (const { lane, zone } of this.lines) {
      const base = this.lanes.length - 1 - lane;
      const scale = LANE_SHARE / HIGHEST / 1000;
      const loads = points.loads.get(zone);
      const y = new Array<number | null>(n);
      for (let i = 0; i < n; i++) {
        const load = loads ? (loads[i] as number) : NOTHING;
        y[i] = load === NOTHING ? null : base + Math.min(load, HIGHEST * 1000) * scale;
      }
      data.push(y);
    }
    return data as uPlot.AlignedData;
  }

  setLifts(lifts: Overviewed[]): void {
    this.lifts = lifts;
    this.plot.redraw(false);
  }

  zoom(factor: number, around = (this.seen[0] + this.seen[1]) / 2): void {
    const [from, to] = this.seen;
    this.look(around - (around - from) * factor, around + (to - around) * factor);
  }

  whole(): void {
    this.look(...this.ends);
  }

  /** Show a stretch, kept within the session and not shorter than makes sense. */
  look(from: number, to: number): void {
    const length = Math.min(Math.max(to - from, SHORTEST_S), this.ends[1] - this.ends[0]);
    const middle = (from + to) / 2;
    const start = Math.min(Math.max(middle - length / 2, this.ends[0]), this.ends[1] - length);
    this.seen = [start, start + length];
    this.plot.setScale("x", { min: this.seen[0], max: this.seen[1] });
    clearTimeout(this.fetchTimer);
    this.fetchTimer = setTimeout(() => void this.refetch(), REFETCH_MS);
  }

  private async refetch(): Promise<void> {
    const number = ++this.fetchNumber;
    const [from, to] = this.seen;
    const spare = (to - from) * MARGIN;
    const query = new URLSearchParams({
      t0_s: String(this.startedS + from - spare),
      t1_s: String(this.startedS + to + spare),
      pixels: String(Math.round(this.root.clientWidth * (1 + 2 * MARGIN))),
    });
    try {
      const points = await fetchPoints(this.session, query.toString());
      if (number !== this.fetchNumber || !points.t_s.length) return;
      this.plot.setData(this.aligned(points), true);
      this.root.dataset["finer"] = String(number);
    } catch (error) {
      // Out of reach for the moment: the coarser points stay.
      if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
    }
  }

  private drawBands(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const style = getComputedStyle(document.documentElement);
    const laneHeight = bbox.height / this.lanes.length;
    const at = (t_s: number): number => plot.valToPos(t_s - this.startedS, "x", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = style.getPropertyValue("--line").trim();
    for (let lane = 1; lane < this.lanes.length; lane++) ctx.fillRect(bbox.left, bbox.top + lane * laneHeight, bbox.width, devicePixelRatio);
    for (const lift of this.lifts) {
      const lane = this.lanes.findIndex(({ name }) => name === lift.limb);
      if (lane < 0) continue;
      for (const [phase, start, end] of PHASES) {
        const from = lift[start];
        const to = lift[end];
        if (from === null || to === null) continue;
        const left = at(from);
        const width = Math.max(at(to) - left, devicePixelRatio);
        if (left > bbox.left + bbox.width || left + width < bbox.left) continue;
        const top = bbox.top + lane * laneHeight + devicePixelRatio;
        ctx.fillStyle = style.getPropertyValue(`--${phase}`).trim();
        ctx.globalAlpha = lift.not_a_lift ? 0.06 : 0.26;
        ctx.fillRect(left, top, width, laneHeight - devicePixelRatio);
        if (lift.not_a_lift) continue;
        const pattern = width > 6 * devicePixelRatio ? hatch(ctx, phase) : null;
        if (pattern) {
          ctx.globalAlpha = 0.25;
          ctx.fillStyle = pattern;
          ctx.fillRect(left, top, width, laneHeight - devicePixelRatio);
        }
        ctx.globalAlpha = 1;
        ctx.fillStyle = style.getPropertyValue(`--${phase}`).trim();
        ctx.fillRect(left, bbox.top + (lane + 1) * laneHeight - 4 * devicePixelRatio, width, 4 * devicePixelRatio);
      }
    }
    ctx.restore();
  }

  private labelLanes(): void {
    this.lanes.forEach((lane, index) => {
      const label = document.createElement("span");
      label.className = "lane";
      label.textContent = named("limb", lane.name);
      label.style.top = `${4 + index * LANE_PX + 6}px`;
      this.root.append(label);
    });
  }

  private get over(): DOMRect {
    return this.plot.over.getBoundingClientRect();
  }

  /** The lift under a tap, if there is one. */
  private tapped(clientX: number, clientY: number): void {
    const { left, top, height } = this.over;
    const lane = this.lanes[Math.floor(((clientY - top) / height) * this.lanes.length)];
    const at = this.startedS + this.plot.posToVal(clientX - left, "x");
    const spare = (this.seen[1] - this.seen[0]) * 0.01;
    const found = this.lifts.find((lift) => {
      const known = [lift.prepare_start, lift.lift_off, lift.touch_down, lift.melt_end].filter((one): one is number => one !== null);
      return lift.limb === lane?.name && at >= Math.min(...known) - spare && at <= Math.max(...known) + spare;
    });
    if (found) this.chosen(found);
  }

  /** One finger or the mouse pans, two fingers pinch, the wheel zooms; a vertical swipe is left to the page. */
  private gestures(): void {
    const over = this.plot.over;
    const fingers = new Map<number, number>();
    let grip: { seen: [number, number]; at: number[] } | null = null;
    let tap: { x: number; y: number } | null = null;
    const begin = (): void => {
      grip = fingers.size ? { seen: [...this.seen], at: [...fingers.values()].slice(0, 2) } : null;
    };
    over.addEventListener("pointerdown", (event) => {
      over.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, event.clientX);
      tap = fingers.size === 1 ? { x: event.clientX, y: event.clientY } : null;
      begin();
    });
    over.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId) || !grip) return;
      fingers.set(event.pointerId, event.clientX);
      const { left, width } = this.over;
      const [from, to] = grip.seen;
      const share = (x: number): number => (x - left) / width;
      const now = [...fingers.values()].slice(0, 2);
      const time = (x: number): number => from + share(x) * (to - from);
      if (now.length === 2 && grip.at.length === 2) {
        const [a, b] = grip.at.map(time) as [number, number];
        const [p, q] = now.map(share) as [number, number];
        if (Math.abs(q - p) < 0.02) return;
        const length = (b - a) / (q - p);
        if (length <= 0) return;
        const start = a - p * length;
        this.look(start, start + length);
      } else {
        const by = ((grip.at[0] as number) - (now[0] as number)) / width;
        this.look(from + by * (to - from), to + by * (to - from));
      }
    });
    for (const name of ["pointerup", "pointercancel"] as const) {
      over.addEventListener(name, (event) => {
        fingers.delete(event.pointerId);
        if (name === "pointerup" && tap && Math.hypot(event.clientX - tap.x, event.clientY - tap.y) < TAP_PX) this.tapped(event.clientX, event.clientY);
        tap = null;
        begin();
      });
    }
    over.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && Math.abs(event.deltaY) <= Math.abs(event.deltaX)) return;
        event.preventDefault();
        const { left, width } = this.over;
        const around = this.seen[0] + ((event.clientX - left) / width) * (this.seen[1] - this.seen[0]);
        this.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006), around);
      },
      { passive: false },
    );
  }
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const rest = seconds - whole;
  const text = `${Math.floor(whole / 60)}:${String(Math.abs(whole) % 60).padStart(2, "0")}`;
  return rest > 0.01 ? `${text}.${Math.round(rest * 10)}` : text;
}
