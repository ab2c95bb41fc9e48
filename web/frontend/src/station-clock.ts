// The station's clock, as this page reads it: performance.now plus an offset from a few pings, of which the one with the shortest way
// there and back tells it best.
//
// A tablet's performance.now may stand still while the tablet sleeps, so after waking the offset is wrong by the length of the sleep.
// The wall clock goes on: when the two have drifted apart, or the page comes back into view, the offset counts for nothing until it has
// been measured again.

import { command } from "./core";

const PINGS = 6;
const SYNC_EVERY_MS = 60_000;
const LOOK_EVERY_MS = 1000;
const SLEPT_MS = 400;

export class StationClock {
  private offsetS: number | null = null;
  private syncing: Promise<void> | null = null;
  private apartMs = Date.now() - performance.now();

  private watched = false;

  /** Watch for sleep, from the first use on: a page that never sounds asks nothing. */
  private watch(): void {
    if (this.watched) return;
    this.watched = true;
    setInterval(() => this.look(), LOOK_EVERY_MS);
    setInterval(() => void this.sync(), SYNC_EVERY_MS);
    for (const [target, name] of [
      [document, "visibilitychange"],
      [window, "pageshow"],
    ] as const) {
      target.addEventListener(name, () => {
        if (!document.hidden) this.look();
      });
    }
  }

  /** The station's monotonic seconds; null while they are not known. */
  get nowS(): number | null {
    return this.offsetS === null ? null : performance.now() / 1000 + this.offsetS;
  }

  /** The same, measured first where it has to be. */
  async known(): Promise<number | null> {
    this.look();
    if (this.offsetS === null) await this.sync();
    return this.nowS;
  }

  /** Measure the offset.  One measurement at a time. */
  sync(): Promise<void> {
    this.watch();
    this.syncing ??= this.measure().finally(() => {
      this.syncing = null;
    });
    return this.syncing;
  }

  /** The offset cannot be right: measure it again before it is used. */
  doubt(): void {
    this.offsetS = null;
    void this.sync();
  }

  private look(): void {
    const apart = Date.now() - performance.now();
    if (Math.abs(apart - this.apartMs) > SLEPT_MS) this.doubt();
    this.apartMs = apart;
  }

  private async measure(): Promise<void> {
    let shortest = Infinity;
    let found: number | null = null;
    for (let i = 0; i < PINGS; i++) {
      const before = performance.now();
      const wall = Date.now();
      try {
        const { t_s } = await command<{ t_s: number }>("ping");
        const after = performance.now();
        // A sleep between question and answer makes the answer worthless.
        if (Math.abs(Date.now() - wall - (after - before)) > SLEPT_MS) continue;
        if (after - before < shortest) {
          shortest = after - before;
          found = t_s - (before + after) / 2000;
        }
      } catch {
        break;
      }
    }
    if (found !== null) this.offsetS = found;
  }
}
