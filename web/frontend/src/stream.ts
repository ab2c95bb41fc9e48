// One connection to the station's happenings, which comes back by itself.
//
// An EventSource reconnects on its own after a broken line, but not after an answer that is no stream (503: all places taken; a proxy's
// 502), and on iOS it dies in the background without a word.  So the page watches it: whatever closes it, or stays silent for longer
// than the server's keep-alive allows, it is made anew with the id of the last event seen; while there is no stream, the page polls.

import { get } from "./core";
import type { Cue, State, StationEvent } from "./messages";

const SILENT_MS = 9000;
const CHECK_MS = 1000;
const POLL_MS = 500;
const LONGEST_WAIT_MS = 8000;

export interface Listener {
  state?(state: State): void;
  event?(event: StationEvent): void;
  cue?(cue: Cue): void;
  /** More may have been missed than can be told again: ask for the whole picture. */
  resync?(): void;
  /** Whether what is shown is live: false the moment the dashboard or the station is out of reach. */
  connected?(connected: boolean): void;
}

export class Stream {
  private source: EventSource | null = null;
  private lastId = "";
  private heardAt = 0;
  private waitMs = 500;
  private retryAt = 0;
  private pollAt = 0;
  private lineUp = false;
  private stationUp = true;
  private told: boolean | null = null;

  /** `stays`: whether to go on listening while the page cannot be seen (sound is on). */
  constructor(
    private readonly listener: Listener,
    private readonly stays: () => boolean = () => false,
  ) {
    this.open();
    setInterval(() => this.check(), CHECK_MS);
    for (const [target, name] of [
      [document, "visibilitychange"],
      [window, "pageshow"],
      [window, "online"],
    ] as const) {
      target.addEventListener(name, () => this.wake());
    }
    window.addEventListener("offline", () => this.broken());
  }

  private get wanted(): boolean {
    return !document.hidden || this.stays();
  }

  private open(): void {
    this.source?.close();
    const source = new EventSource(`/api/v1/stream${this.lastId ? `?after=${encodeURIComponent(this.lastId)}` : ""}`);
    this.source = source;
    this.heardAt = performance.now();
    const on = (name: string, take: (data: never) => void): void => {
      source.addEventListener(name, (message) => {
        this.heard();
        if (message.lastEventId) this.lastId = message.lastEventId;
        take(JSON.parse(message.data as string) as never);
      });
    };
    source.onopen = () => this.heard();
    source.onerror = () => this.broken();
    on("state", (state: State) => this.listener.state?.(state));
    on("event", (event: StationEvent) => this.listener.event?.(event));
    on("cue", (cue: Cue) => this.listener.cue?.(cue));
    on("resync", () => this.listener.resync?.());
    on("link", ({ up }: { up: boolean }) => {
      this.stationUp = up;
      this.tell();
    });
  }

  private heard(): void {
    this.heardAt = performance.now();
    this.waitMs = 500;
    this.lineUp = true;
    this.tell();
  }

  private broken(): void {
    this.lineUp = false;
    this.tell();
    this.source?.close();
    this.source = null;
    this.retryAt = performance.now() + this.waitMs;
    this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 1.6);
  }

  private wake(): void {
    if (!this.wanted) {
      this.source?.close();
      this.source = null;
      return;
    }
    // After a sleep nobody knows whether the old line still lives: a new one costs little.
    this.open();
  }

  private check(): void {
    if (!this.wanted) return;
    const now = performance.now();
    if (this.source && now - this.heardAt > SILENT_MS) this.broken();
    else if (!this.source && now >= this.retryAt) this.open();
    if (!this.lineUp && now >= this.pollAt) {
      this.pollAt = now + POLL_MS;
      void this.poll();
    }
  }

  private async poll(): Promise<void> {
    try {
      const now = (await (await get("/api/v1/live")).json()) as { link_up: boolean; state: State | null };
      if (this.lineUp) return;
      this.stationUp = now.link_up;
      if (now.state) this.listener.state?.(now.state);
    } catch {
      // Out of reach: the page says so already.
    }
  }

  private tell(): void {
    const connected = this.lineUp && this.stationUp;
    if (connected === this.told) return;
    this.told = connected;
    this.listener.connected?.(connected);
  }
}
