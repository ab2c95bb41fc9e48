// One lift in full: curve, knobs, replay, what the melt was like.  Works on a piece of page the server made, wherever it was put.

import { ApiError, element, elements, get, seconds, t, write } from "./core";
import { type Boundary, lengthS, type LiftData, PHASES, type Times, valueAt } from "./lift-data";
import { Knobs } from "./lift-knobs";
import { LiftPlot } from "./lift-plot";
import { Replay } from "./lift-replay";
import { commandOrKeep, keptText } from "./outbox";
import { Scrubber } from "./scrubber";

export interface LiftViewListener {
  /** Something of this session was changed and is kept. */
  changed(): void;
  /** Go to the lift before (-1) or after (1). */
  step(direction: -1 | 1): void;
  close(): void;
  say(words: string): void;
}

export class LiftView {
  private data: LiftData;
  private plot: LiftPlot | null = null;
  private knobs: Knobs | null = null;
  private replay: Replay | null = null;
  private scrubber: Scrubber | null = null;
  private moving: { times: Times; boundary: Boundary } | null = null;
  private readonly away = new AbortController();
  private forget: () => void = () => undefined;

  constructor(
    readonly root: HTMLElement,
    private readonly listener: LiftViewListener,
  ) {
    this.data = JSON.parse(element("#lift-data", root).textContent ?? "") as LiftData;
    if (this.data.window) this.build();
    this.told();
    addEventListener("keydown", (event) => this.key(event), { signal: this.away.signal });
    root.addEventListener("click", (event) => this.clicked(event), { signal: this.away.signal });
    this.swipes();
    addEventListener("pagehide", () => this.knobs?.flush(), { signal: this.away.signal });
  }

  destroy(): void {
    this.knobs?.destroy();
    this.replay?.destroy();
    this.plot?.destroy();
    this.forget();
    this.away.abort();
  }

  private build(): void {
    const root = this.root;
    this.plot = new LiftPlot(element("#lift-plot", root), this.data, {
      crosshair: (atS) => this.read(atS),
      flick: (direction) => this.listener.step(direction),
      drawn: () => {
        this.knobs?.place();
      },
    });
    this.knobs = new Knobs(
      element("#lift-knobs", root),
      this.plot,
      this.data,
      this.data.started_s,
      {
        moving: (times, boundary) => this.preview(times, boundary),
        putBack: () => {
          this.moving = null;
          this.plot?.setTimes(this.data.times);
          this.read(null);
          this.listener.say(t("lift.put_back"));
        },
        moved: (boundary, atS) => void this.correct(boundary, atS),
      },
      (times, boundary) => this.lengths(times, boundary),
    );
    this.replay = new Replay(root, this.data, (atS, playing) => {
      this.plot?.setPlayhead(playing || atS > this.range[0] ? atS : null);
      this.scrubber?.show(atS);
      const play = element<HTMLButtonElement>("#play", root);
      play.setAttribute("aria-label", (playing ? play.dataset["pause"] : play.dataset["play"]) ?? "");
      play.classList.toggle("playing", playing);
      const zero = this.data.times.touch_down ?? this.data.times.lift_off ?? this.range[0];
      write(element("#transport-time", root), seconds(atS - zero).replace("-", "−"));
    });
    this.scrubber = new Scrubber(root, this.data, this.replay);
    this.replay.seek(this.data.times.prepare_start ?? this.data.times.lift_off ?? this.range[0]);
    this.read(null);
    this.root.dataset["drawn"] = "yes";
  }

  private get range(): readonly [number, number] {
    return this.plot?.range ?? [0, 1];
  }

  /** What the crosshair stands on; without one, what the lift was. */
  private read(atS: number | null): void {
    const window = this.data.window;
    const line = element("#lift-readout", this.root);
    if (this.moving) {
      write(line, this.lengths(this.moving.times, this.moving.boundary));
      return;
    }
    if (atS === null || !window) {
      write(line, t("lift.hint"));
      return;
    }
    const load = valueAt(window.load, window.from_s, window.step_s, atS);
    const { prepare_start, lift_off, touch_down, melt_end } = this.data.times;
    const percent = load === null ? "–" : String(Math.round(load * 100));
    const since = (key: string, from: number): string => t(key, { seconds: seconds(Math.abs(atS - from)).replace(/ s$/, ""), percent });
    if (melt_end !== null && atS >= melt_end) write(line, since("lift.after_melt", melt_end));
    else if (touch_down !== null && atS >= touch_down) write(line, since("lift.after_landing", touch_down));
    else if (lift_off !== null && atS >= lift_off) write(line, since("lift.after_lift", lift_off));
    else if (prepare_start !== null && atS >= prepare_start) write(line, since("lift.after_prepare", prepare_start));
    else write(line, since("lift.before_prepare", prepare_start ?? lift_off ?? touch_down ?? this.range[0]));
  }

  /** "melt 8.4 s (was 6.4)" for the phases an edge belongs to. */
  private lengths(times: Times, boundary: Boundary): string {
    return PHASES.filter(([, from, to]) => from === boundary || to === boundary)
      .map(([phase, from, to]) => {
        const [now, was] = [lengthS(times, from, to), lengthS(this.data.times, from, to)];
        if (now === null) return "";
        const name = t(`phase.${phase}`);
        return now === was
          ? `${name} ${seconds(now)}`
          : t("lift.was", { phase: name, now: seconds(now).replace(/ s$/, ""), was: seconds(was).replace(/ s$/, "") });
      })
      .filter(Boolean)
      .join(" · ");
  }

  private preview(times: Times, boundary: Boundary): void {
    this.moving = { times, boundary };
    this.plot?.setTimes(times);
    this.read(null);
  }

  private async correct(boundary: Boundary, atS: number): Promise<void> {
    const was = this.data.times;
    this.data = { ...this.data, times: { ...was, [boundary]: atS } };
    this.moving = null;
    await this.change("correction_add", { lift: this.data.id, boundary, t_s: atS }, t("lift.corrected", { boundary: t(`review.boundary_${boundary}`) }));
  }

  /** Give a command and show what then holds, whether it was taken or not. */
  private async change(name: string, args: Record<string, unknown>, done: string): Promise<void> {
    try {
      const taken = await commandOrKeep(name, { session: this.data.session, ...args });
      if (!taken) return;
      if (done) this.listener.say(done);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.listener.say(t("common.try_again", { words: error.message }));
    }
    await this.refresh();
    this.listener.changed();
  }

  /** Take over what the server says of this lift now; the curve, its knobs and the focus stay. */
  private async refresh(): Promise<void> {
    try {
      const page = await (await get(`/sessions/${this.data.session}/lifts/${this.data.id}?part=view`)).text();
      const fresh = new DOMParser().parseFromString(page, "text/html");
      const data = JSON.parse(fresh.querySelector("#lift-data")?.textContent ?? "") as LiftData;
      this.forget();
      const focused = document.activeElement?.closest<HTMLElement>("[data-do]")?.dataset["do"];
      element("#lift-told", this.root).replaceChildren(...(fresh.querySelector("#lift-told")?.childNodes ?? []));
      if (focused) this.root.querySelector<HTMLElement>(`#lift-told [data-do]`)?.focus();
      this.data = data;
      this.plot?.setTimes(data.times, data);
      this.knobs?.setTimes(data.times);
      this.scrubber?.setData(data);
      this.told();
      this.read(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.listener.say(error.message);
    }
  }

  private told(): void {
    const note = element<HTMLTextAreaElement>("#lift-note", this.root);
    this.forget = keptText(note, "note_set", { session: this.data.session, lift: this.data.id }, (words) => {
      write(element("#lift-note-state", this.root), words);
      this.listener.changed();
    });
  }

  private clicked(event: Event): void {
    const target = event.target as Element;
    const button = target.closest<HTMLButtonElement>("button");
    const step = target.closest<HTMLElement>("[data-lift-step]");
    if (step || target.closest("[data-lift-close]")) {
      event.preventDefault();
      if (step) this.listener.step(step.dataset["liftStep"] === "next" ? 1 : -1);
      else this.listener.close();
      return;
    }
    if (!button) return;
    if (button.id === "play") this.replay?.toggle();
    else if (button.dataset["speed"]) {
      this.replay?.setSpeed(Number(button.dataset["speed"]));
      for (const other of elements("[data-speed]", this.root)) other.setAttribute("aria-pressed", String(other === button));
    } else if (button.id === "replay-sound" && this.replay) {
      this.replay.sounds = !this.replay.sounds;
      button.setAttribute("aria-pressed", String(this.replay.sounds));
    } else if (button.dataset["liftZoom"]) this.plot?.zoom(button.dataset["liftZoom"] === "in" ? 0.5 : 2, this.replay?.atS);
    else if (button.dataset["do"] === "undo") void this.change("correction_undo", { correction: Number(button.dataset["correction"]) }, "");
    else if (button.dataset["do"] === "strike") void this.change("correction_add", { lift: this.data.id, not_a_lift: true }, "");
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.altKey || event.ctrlKey || event.metaKey || target.closest("textarea, input, select, dialog")) return;
    const boundary = ({ "1": "prepare_start", "2": "lift_off", "3": "touch_down", "4": "melt_end" } as const)[event.key];
    const onButton = Boolean(target.closest("button, a"));
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") this.listener.step(event.key === "ArrowLeft" ? -1 : 1);
    else if (event.key === " " && !onButton) this.replay?.toggle();
    else if (boundary) {
      const at = this.data.times[boundary];
      if (at !== null) this.replay?.seek(at);
    } else if (event.key === "+" || event.key === "=") this.plot?.zoom(0.5, this.replay?.atS);
    else if (event.key === "-") this.plot?.zoom(2, this.replay?.atS);
    else if (event.key === "Escape") this.listener.close();
    else return;
    event.preventDefault();
  }

  /** A sideways swipe anywhere but on curve, knobs and scrubber goes to the next lift. */
  private swipes(): void {
    let down: { x: number; y: number; id: number } | null = null;
    const signal = this.away.signal;
    this.root.addEventListener(
      "pointerdown",
      (event) => {
        const busy = (event.target as Element).closest(".lift-plot, .knobs, .scrub, textarea, button");
        down = !busy && event.pointerType === "touch" && event.isPrimary ? { x: event.clientX, y: event.clientY, id: event.pointerId } : null;
      },
      { signal },
    );
    this.root.addEventListener(
      "pointerup",
      (event) => {
        if (!down || event.pointerId !== down.id) return;
        const [dx, dy] = [event.clientX - down.x, event.clientY - down.y];
        down = null;
        if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(dy)) this.listener.step(dx < 0 ? 1 : -1);
      },
      { signal },
    );
  }
}
