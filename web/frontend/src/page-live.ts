// The live page: the newest state on the screen, the repetition before beside it, and a word at once when the line is lost.

import { Body } from "./body";
import { ApiError, command, element, named, seconds, t, tn, write } from "./core";
import type { Lift, State, StationEvent } from "./messages";
import { Stream } from "./stream";
import { lyingView, numbersToggle, themeToggle, watchShape } from "./view";
import { keepAwake } from "./awake";

const stage = element("#stage");
const words = {
  limb: element("#limb"),
  phase: element("#phase"),
  seconds: element("#seconds"),
  also: element("#also"),
  guide: element("#guide"),
  health: element("#health"),
};
const before = element("#before");
const pause = element<HTMLButtonElement>("#pause");
const stop = element<HTMLButtonElement>("#stop");
const body = new Body(element(".figure"));

const longest = Math.max(...["rest", "prepare", "aloft", "melt"].map((phase) => t(`phase.${phase}`).length));
document.body.style.setProperty("--letters", String(longest));
themeToggle();
numbersToggle();
watchShape();
const armWorks = lyingView();

let state: State | null = null;
let receivedAt = 0;
let connected = false;

function show(now: State): void {
  state = now;
  receivedAt = performance.now();
  body.show(now.zones, now.limbs);
  const there = now.presence !== "empty";
  const phase = there && now.presence === "still" ? now.phase : "none";
  stage.dataset["phase"] = phase;
  if (phase === "none") {
    write(words.phase, t(now.paused ? "live.paused" : there ? `live.${now.presence}` : "live.empty"));
    write(words.limb, "");
    write(words.also, "");
  } else {
    write(words.phase, now.paused ? t("live.paused") : t(`phase.${phase}`));
    write(words.limb, phase === "rest" || !now.limb ? "" : named("limb", now.limb));
    write(words.also, also(now));
  }
  write(words.guide, guide(now));
  showHealth(now);
  showActions(now);
  tick();
}

/** Other limbs that are not at rest either: an arm and a leg together are one movement. */
function also(now: State): string {
  return now.limbs
    .filter((limb) => limb.limb !== now.limb && limb.phase !== "rest")
    .map((limb) => `${named("limb", limb.limb)}: ${t(`phase.${limb.phase}`)}`)
    .join(" · ");
}

function guide(now: State): string {
  if (now.paused || !now.guide) return "";
  if (now.guide.counting) return t("live.counting", { n: now.guide.counting });
  return now.guide.words?.[0] ?? "";
}

function tick(): void {
  if (!state || stage.dataset["phase"] === "none") {
    write(words.seconds, "");
    return;
  }
  const passed = connected ? (performance.now() - receivedAt) / 1000 : 0;
  write(words.seconds, String(Math.max(0, Math.floor(state.t_s + passed - state.since_s))));
}

function showHealth(now: State): void {
  const faults = Object.entries(now.zones)
    .filter(([, zone]) => zone.fault)
    .map(([name, zone]) => `${named("zone", name)}: ${zone.fault}`);
  const trouble = [...new Set([...now.health.words, ...faults])];
  words.health.classList.toggle("trouble", trouble.length > 0);
  write(words.health, trouble.length ? trouble.slice(0, 2).join(" · ") : tn("live.well", Object.keys(now.zones).length));
}

function showActions(now: State): void {
  pause.hidden = stop.hidden = !now.session;
  write(pause, t(now.paused ? "live.resume" : "live.pause"));
}

function showBefore(event: StationEvent): void {
  if (event.event.type === "session") {
    before.hidden = true;
    return;
  }
  if (event.event.type !== "repetition") return;
  const lifts = (event.event["lifts"] as Lift[]).filter((lift) => lift.kind === "lift");
  const lift = lifts[0];
  if (!lift) return;
  write(element("#before-title"), t("live.before_limb", { limb: lifts.map((one) => named("limb", one.limb)).join(" + ") }));
  const between = (from: number | null, to: number | null): string => seconds(from === null || to === null ? null : to - from);
  write(element("#before-prepare"), between(lift.prepare_start, lift.lift_off));
  write(element("#before-aloft"), between(lift.lift_off, lift.touch_down));
  write(element("#before-melt"), between(lift.touch_down, lift.melt_end));
  before.hidden = false;
}

function showPhaseEvent(event: StationEvent): void {
  const { type, limb } = event.event as { type: string; limb?: string };
  if (type === "phase" && limb?.startsWith("arm")) armWorks(limb.endsWith("_l") ? "left" : "right");
}

function showConnected(now: boolean): void {
  connected = now;
  element("#lost").hidden = now;
  stage.classList.toggle("lost", !now);
}

async function act(name: string, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  try {
    await command(name);
  } catch (error) {
    if (error instanceof ApiError) write(words.health, error.message);
  } finally {
    button.disabled = false;
  }
}

pause.addEventListener("click", () => void act(state?.paused ? "resume" : "pause", pause));
stop.addEventListener("click", () => void act("session_stop", stop));
setInterval(tick, 100);
keepAwake();

new Stream({
  state: show,
  event: (event) => {
    showBefore(event);
    showPhaseEvent(event);
  },
  connected: showConnected,
});
