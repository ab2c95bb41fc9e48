// One lift as its page has it: times on the session's axis in seconds, loads as thousandths of the resting load.

export type Boundary = "prepare_start" | "lift_off" | "touch_down" | "melt_end";
export const BOUNDARIES: readonly Boundary[] = ["prepare_start", "lift_off", "touch_down", "melt_end"];
export type Times = Record<Boundary, number | null>;
export type Phase = "rest" | "prepare" | "aloft" | "melt";
/** Each phase lies between two neighbouring boundaries. */
export const PHASES: readonly [Phase, Boundary, Boundary][] = [
  ["prepare", "prepare_start", "lift_off"],
  ["aloft", "lift_off", "touch_down"],
  ["melt", "touch_down", "melt_end"],
];

export interface Mark {
  kind: string;
  from_s: number;
  to_s: number | null;
  words: string;
  /** Of a fault: the zone. */
  zone?: string | null;
}

export interface LiftWindow {
  from_s: number;
  step_s: number;
  load: (number | null)[];
  zones: Record<string, (number | null)[]>;
  zone_step_s: number;
  breath: (number | null)[] | null;
  settled: number | null;
}

export interface LiftData {
  session: number;
  started_s: number;
  id: number;
  limb: string;
  zones: string[];
  not_a_lift: boolean;
  times: Times;
  original: Times;
  sd: Times;
  window: LiftWindow | null;
  marks?: Mark[];
  phases?: { at_s: number; limb: string; phase: Phase; since_s: number }[];
  cues?: { at_s: number; sound: string; volume: number }[];
}

/** Seconds between two boundaries; null when one is not known. */
export function lengthS(times: Times, from: Boundary, to: Boundary): number | null {
  const [a, b] = [times[from], times[to]];
  return a === null || b === null ? null : b - a;
}

/** The value of evenly stepped thousandths at a time; null in a gap or outside. */
export function valueAt(values: (number | null)[], fromS: number, stepS: number, atS: number): number | null {
  const place = (atS - fromS) / stepS;
  const low = Math.floor(place);
  const [a, b] = [values[low] ?? null, values[Math.min(low + 1, values.length - 1)] ?? null];
  if (a === null || b === null) return null;
  return (a + (b - a) * (place - low)) / 1000;
}
