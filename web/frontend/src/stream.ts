// One connection of this browser to the station's happenings, which comes back by itself.
//
// An EventSource reconnects on its own after a broken line, but not after an answer that is no stream (503: all places taken; a proxy's
// 502), and on iOS it dies in the background without a word.  So the page watches it: whatever closes it, or stays silent for longer
// than the server's keep-alive allows, it is made anew with the id of the last event seen; while there is no stream, the page polls.
//
// Of all windows only one holds the connection (leader.ts); it passes on what comes, and the others live on that.  A window that is
// put away (hidden without sound, or kept by the browser for Back) lets go of it; a window that comes back asks for it again.

import { get } from "./core";
import { Leadership } from "./leader";
import type { Cue, LiveView, StationEvent } from "./messages";

const CHANNEL = "backlift-stream";
const SILENT_MS = 9000;
const CHECK_MS = 1000;
const PULSE_MS = 2000;
const POLL_MS = 500;
const LONGEST_WAIT_MS = 8000;
const NAMES = ["state", "event", "cue", "resync", "link"] as const;
type Name = (typeof NAMES)[number];

export interface Listener {
  state?(state: LiveView): void;
  event?(event: StationEvent): void;
  cue?(cue: Cue): void;
  /** More may have been missed than can be told again: ask for the whole picture. */
  resync?(): void;
  /** Whether what is shown is live: false the moment the dashboard or the station is out of reach. */
  connected?(connected: boolean): void;
}

type Passed =
  | { kind: "message"; name: Name; data: string; id: string }
  | { kind: "pulse"; lineUp: boolean; stationUp: boolean; lastId: string; state: string | null }
  | { kind: "hello" }
  | { kind: "bye" };

export class Stream {
  private source: EventSource | null = null;
  private channel: BroadcastChannel | null = null;
  private readonly leadership = new Leadership(
    () => this.open(),
    () => this.close(),
  );
  private lastId = "";
  private lastState: string | null = null;
  private heardAt = 0;
  private waitMs = 500;
  private retryAt = 0;
  private pollAt = 0;
  private pulseAt = 0;
  private lineUp = false;
  private stationUp = true;
  private told: boolean | null = null;
  private away = false;

  /** `stays`: whether to go on listening while the page cannot be seen (sound is on). */
  constructor(
    private readonly listener: Listener,
    private readonly stays: () => boolean = () => false,
  ) {
    this.take();
    setInterval(() => this.check(), CHECK_MS);
    document.addEventListener("visibilitychange", () => (this.wanted ? this.wake() : this.rest()));
    addEventListener("pagehide", () => {
      this.away = true;
      this.rest();
    });
    addEventListener("pageshow", (event) => {
      this.away = false;
      // Without `persisted` this is the first showing, and everything is under way already.
      if (event.persisted && this.wanted) this.wake();
    });
    addEventListener("online", () => this.wanted && this.wake());
    addEventListener("offline", () => this.broken());
  }

  private get wanted(): boolean {
    return !this.away && (!document.hidden || this.stays());
  }

  // Who holds the line ---------------------------------------------------------------------------------------------------------

  private take(): void {
    this.heardAt = performance.now();
    if (typeof BroadcastChannel === "undefined") {
      this.open(); // nobody to share with
      return;
    }
    if (!this.channel) {
      this.channel = new BroadcastChannel(CHANNEL);
      this.channel.onmessage = (message: MessageEvent<Passed>) => this.passed(message.data);
      this.pass({ kind: "hello" });
    }
    this.leadership.want();
  }

  private rest(): void {
    const led = this.leadership.isLeader;
    this.leadership.letGo();
    this.close();
    if (led) this.pass({ kind: "bye" });
    // An open channel keeps some browsers from keeping the page for Back.
    this.channel?.close();
    this.channel = null;
  }

  /** After a sleep nobody knows whether the old line still lives: a new one costs little. */
  private wake(): void {
    if (this.source) this.open();
    this.take();
  }

  private pass(message: Passed): void {
    this.channel?.postMessage(message);
  }

  private passed(message: Passed): void {
    if (message.kind === "bye") this.leadership.freed();
    else if (message.kind === "hello") {
      if (this.source) this.pulse();
    } else if (!this.source) {
      this.heardAt = performance.now();
      if (message.kind === "message") {
        this.lineUp = true;
        this.deliver(message.name, message.data, message.id);
      } else {
        this.lineUp = message.lineUp;
        this.stationUp = message.stationUp;
        if (!this.lastId) this.lastId = message.lastId;
        if (message.state && message.lineUp) this.listener.state?.(JSON.parse(message.state) as LiveView);
      }
      this.tell();
    }
  }

  private pulse(): void {
    this.pulseAt = performance.now();
    this.pass({ kind: "pulse", lineUp: this.lineUp, stationUp: this.stationUp, lastId: this.lastId, state: this.lastState });
  }

  // The line -------------------------------------------------------------------------------------------------------------------

  private open(): void {
    this.close();
    const source = new EventSource(`/api/v1/stream${this.lastId ? `?after=${encodeURIComponent(this.lastId)}` : ""}`);
    this.source = source;
    this.heardAt = performance.now();
    // WebKit opens a closed source again when its page comes back from being kept: it speaks for nobody, and is closed once more.
    const isMine = (): boolean => {
      if (source !== this.source) source.close();
      return source === this.source;
    };
    const mine = (act: () => void) => () => {
      if (isMine()) act();
    };
    source.onopen = mine(() => this.heard());
    source.onerror = mine(() => this.broken());
    for (const name of NAMES) {
      source.addEventListener(name, (message: MessageEvent<string>) => {
        if (!isMine()) return;
        this.heard();
        this.pass({ kind: "message", name, data: message.data, id: message.lastEventId });
        this.deliver(name, message.data, message.lastEventId);
      });
    }
  }

  private close(): void {
    this.source?.close();
    this.source = null;
  }

  private deliver(name: Name, data: string, id: string): void {
    if (id) this.lastId = id;
    const told: unknown = JSON.parse(data);
    if (name === "state") {
      this.lastState = data;
      this.listener.state?.(told as LiveView);
    } else if (name === "event") this.listener.event?.(told as StationEvent);
    else if (name === "cue") this.listener.cue?.(told as Cue);
    else if (name === "resync") this.listener.resync?.();
    else {
      this.stationUp = (told as { up: boolean }).up;
      if (this.source) this.pulse();
      this.tell();
    }
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
    if (!this.source) return;
    this.close();
    this.pulse();
    this.retryAt = performance.now() + this.waitMs;
    this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 1.6);
  }

  private check(): void {
    if (!this.wanted) {
      if (this.source || this.channel) this.rest();
      return;
    }
    const now = performance.now();
    const leads = this.leadership.isLeader || !this.channel;
    if (now - this.heardAt > SILENT_MS) {
      this.heardAt = now;
      this.broken();
    } else if (leads && !this.source && now >= this.retryAt) this.open();
    if (this.source && now - this.pulseAt > PULSE_MS) this.pulse();
    if (!this.lineUp && now >= this.pollAt) {
      this.pollAt = now + POLL_MS;
      void this.poll();
    }
  }

  private async poll(): Promise<void> {
    try {
      const now = (await (await get("/api/v1/live")).json()) as { link_up: boolean; state: LiveView | null };
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
