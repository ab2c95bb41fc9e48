// A lift played again: the figure beside the curve, the word and its seconds as they were live, the session's own sounds at their
// times.  One clock, drawn once a picture; whoever listens is told where it stands.

import { Body } from "./body";
import { element, t, write } from "./core";
import { type LiftData, type Phase, valueAt } from "./lift-data";
import type { LiveLimb, ZoneState } from "./messages";
import { Sounder } from "./sound";

const ORDER: Record<Phase, number> = { rest: 0, prepare: 1, melt: 2, aloft: 3 };

export class Replay {
  atS: number;
  private playing = false;
  private speed = 1;
  private last = 0;
  private frame = 0;
  private readonly body: Body | null;
  private readonly sounder = new Sounder(() => undefined);
  private readonly ends: [number, number];
  sounds = true;

  constructor(
    root: HTMLElement,
    private readonly data: LiftData,
    private readonly moved: (atS: number, playing: boolean) => void,
  ) {
    const window = data.window;
    if (!window) throw new Error("a lift without its recording cannot be played");
    this.ends = [window.from_s, window.from_s + window.step_s * (window.load.length - 1)];
    const figure = root.querySelector(".figure");
    this.body = figure ? new Body(figure) : null;
    this.atS = this.ends[0];
    this.show();
  }

  get range(): readonly [number, number] {
    return this.ends;
  }

  get isPlaying(): boolean {
    return this.playing;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.atS >= this.ends[1] - 0.05) this.atS = this.ends[0];
    this.playing = true;
    this.last = performance.now();
    if (this.sounds) void this.sounder.unlock();
    this.frame = requestAnimationFrame((now) => this.step(now));
    this.moved(this.atS, true);
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.moved(this.atS, false);
  }

  setSpeed(speed: number): void {
    this.speed = speed;
  }

  seek(atS: number): void {
    this.atS = Math.min(Math.max(atS, this.ends[0]), this.ends[1]);
    this.show();
    this.moved(this.atS, this.playing);
  }

  destroy(): void {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  private step(now: number): void {
    if (!this.playing) return;
    const before = this.atS;
    this.atS = Math.min(before + (Math.max(0, now - this.last) / 1000) * this.speed, this.ends[1]);
    this.last = now;
    if (this.sounds) {
      for (const cue of this.data.cues ?? []) {
        if (cue.at_s > before && cue.at_s <= this.atS) void this.sounder.demonstrate(cue.sound, cue.volume);
      }
    }
    this.show();
    if (this.atS >= this.ends[1]) {
      this.pause();
      return;
    }
    this.moved(this.atS, true);
    this.frame = requestAnimationFrame((next) => this.step(next));
  }

  private show(): void {
    const window = this.data.window;
    if (!window) return;
    const limbs = this.limbs();
    if (this.body) {
      const zones: Record<string, ZoneState> = {};
      for (const [zone, loads] of Object.entries(window.zones)) {
        zones[zone] = { load: valueAt(loads, window.from_s, window.zone_step_s, this.atS), load_n: null, fault: this.faulty(zone) };
      }
      this.body.show(zones, limbs);
    }
    const own = limbs.find((limb) => limb.limb === this.data.limb);
    const phase = own?.phase ?? "rest";
    const word = element("#replay-word");
    write(word, t(`phase.${phase}`));
    word.dataset["phase"] = phase;
    write(element("#replay-seconds"), own && phase !== "rest" ? `${Math.max(0, Math.floor(this.atS - own.since_s))} s` : "");
  }

  /** The phase of every limb as it was known at this moment, not as it turned out later. */
  private limbs(): LiveLimb[] {
    const now = new Map<string, LiveLimb>();
    for (const told of this.data.phases ?? []) {
      if (told.at_s <= this.atS) now.set(told.limb, { limb: told.limb, phase: told.phase, since_s: told.since_s, load: null, checking_since_s: null });
    }
    return [...now.values()].sort((a, b) => ORDER[b.phase] - ORDER[a.phase]);
  }

  private faulty(zone: string): boolean {
    return (this.data.marks ?? []).some((mark) => mark.kind === "fault" && mark.zone === zone && mark.from_s <= this.atS && (mark.to_s ?? Infinity) >= this.atS);
  }
}
