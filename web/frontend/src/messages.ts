// The station's messages, as the stream brings them (station/service/main.py describes each field).

export type Phase = "rest" | "prepare" | "aloft" | "melt";

export interface ZoneState {
  load: number | null;
  load_n: number | null;
  fault: boolean | null;
}

export interface LimbState {
  limb: string;
  phase: Phase;
  since_s: number;
  load: number | null;
}

export interface Health {
  rate_hz: number | null;
  late: number;
  late_share: number;
  bus_errors: number;
  saving: "ok" | "events_only" | "not_saving" | "idle";
  words: string[];
}

export interface State {
  t_s: number;
  wall_s: number;
  presence: "empty" | "arriving" | "settling" | "still";
  phase: Phase;
  limb: string | null;
  since_s: number;
  zones: Record<string, ZoneState>;
  limbs: LimbState[];
  session: { id: number; started_t_s: number; repetitions: number } | null;
  paused: boolean;
  guide?: Guide | null;
  health: Health;
}

export interface Guide {
  /** One sentence: what comes next. */
  next: string;
  /** The count the person hears now, of `count_of`; null outside a count. */
  count: number | null;
  count_of: number | null;
  step_title: string | null;
  words: string[];
}

export interface Fault {
  zone: string | null;
  over: boolean;
  words: string;
}

export interface Lift {
  limb: string;
  kind: "lift" | "unweighting" | "void";
  prepare_start: number | null;
  lift_off: number | null;
  touch_down: number | null;
  melt_end: number | null;
}

export interface StationEvent {
  seq: number;
  session: number | null;
  event: { type: string } & Record<string, unknown>;
}

export interface Cue {
  sound: string;
  at_s: number;
  expires_s: number;
  say: string | null;
  volume: number;
}
