// The live page: how it begins, the newest state on the screen, the repetition before beside it, and a word at once when the line is lost.

import { keepAwake } from "./awake";
import { Begin } from "./begin";
import { Body } from "./body";
import { ApiError, command, element, elements, get, language, named, noticeText, seconds, t, tn, write, zonesTold } from "./core";
import { FollowTone } from "./follow-tone";
import type { Lift, LiveView, StationEvent } from "./messages";
import { Ring } from "./ring";
import { LineAlarm, Sounder } from "./sound";
import { deviceNews } from "./device-news";
import { Stream } from "./stream";
import { lyingView, numbersToggle, themeToggle, watchShape } from "./view";

const LOST_SOUNDS_AFTER_MS = 5000;

const stage = element("#stage");
const words = {
  line: element("#line"),
  limb: element("#limb"),
  phase: element("#phase"),
  seconds: element("#seconds"),
  guide: element("#guide"),
  health: element("#health"),
};
const before = element("#before");
const summary = element("#summary");
const feel = element("#feel");
const steps = element("#steps");
const pause = element<HTMLButtonElement>("#pause");
const stop = element<HTMLButtonElement>("#stop");
const soundButton = element<HTMLButtonElement>("[data-sound-toggle]");
const body = new Body(element(".figure"));
const ring = new Ring();
const first = element("#first");
const firstTime = first.dataset["first"] === "yes";

const longest = Math.max(...["rest", "prepare", "aloft", "melt"].map((phase) => t(`phase.${phase}`).length));
document.body.style.setProperty("--letters", String(longest));
themeToggle();
numbersToggle();
watchShape();
const armWorks = lyingView();

let state: LiveView | null = null;
let receivedAt = 0;
let connected = false;
let sessionShown: number | null = null;
/** The last session this page saw running: only its end is worth a word, not the ends a fresh page is told of. */
let witnessed: number | null = null;
/** A repetition was made since the last answer about how it felt. */
let mayAsk = false;

const sounder = new Sounder(showSounding);
let tabletSounds = true;
const tone = new FollowTone();
/** Sessions that had the continuous tone; null: it is off. */
let followed: number | null = null;
let volume = 0.5;
const alarm = new LineAlarm(sounder, LOST_SOUNDS_AFTER_MS, () => volume);
const begin = new Begin(sounder, (said) => write(words.health, t("common.try_again", { words: said })));

// What is now ----------------------------------------------------------------------------------------------------------------

/** Which of its faces the page shows: how to begin, the practice, or waiting for somebody to lie down. */
function modeOf(now: LiveView): "begin" | "practice" | "wait" {
  if (now.presence === "empty") return begin.gone && summary.hidden ? "wait" : "begin";
  return now.presence === "still" || now.ended ? "practice" : "wait";
}

function show(now: LiveView): void {
  const came = state?.presence === "empty" && now.presence !== "empty";
  const left = state !== null && state.presence !== "empty" && now.presence === "empty";
  state = now;
  receivedAt = performance.now();
  if (left) begin.reset();
  if (came) summary.hidden = true;
  body.show(now.zones, now.limbs, now.placement);
  if (followed !== null) tone.follow(now, tabletSounds ? sounder.audio : null, volume, followed);
  const turning = now.guide?.state === "turning" || (now.guide?.state === "waiting" && now.presence === "still");
  const phase = now.presence === "still" && !now.paused && !now.ended && !turning ? now.phase : "none";
  const mode = modeOf(now);
  stage.dataset["phase"] = phase;
  stage.dataset["mode"] = mode;
  element("#begin").hidden = mode !== "begin";
  // The station's time of what is shown: how late a picture is can be measured from outside.
  stage.dataset["at"] = String(now.t_s);
  if (phase === "none") {
    write(words.phase, t(standing(now)));
    write(words.limb, "");
  } else {
    write(words.phase, t(now.guide?.trunk && now.guide.trunk > 0.3 && phase === "rest" ? "live.moving" : `phase.${phase}`));
    const checking = checkingSince(now) === null ? "" : t("live.checking");
    write(words.limb, [now.limb ? named("limb", now.limb) : "", checking, also(now)].filter(Boolean).join(" · "));
  }
  write(words.line, mode === "practice" || mode === "wait" ? line(now) : "");
  write(words.guide, guide(now));
  element("#again").hidden = !now.ended;
  first.hidden = !firstTime || mode !== "begin";
  showFeel(now, phase);
  showHealth(now);
  showActions(now);
  tick();
  const session = now.session?.id ?? null;
  if (session !== sessionShown) {
    sessionShown = session;
    before.hidden = true;
    mayAsk = false;
    if (session !== null) {
      witnessed = session;
      summary.hidden = true;
      begin.session(session);
      if (now.session?.repetitions) void recall(session);
    }
  }
}

/** The word for somebody who is not practising just now. */
function standing(now: LiveView): string {
  if (now.ended) return "live.ended";
  if (now.paused) return "live.paused";
  if (now.guide?.state === "turning") return "live.turning";
  return `live.${now.presence === "still" ? "settling" : now.presence}`;
}

/** Since when the load is flat of a melt that is about to be called over: it is shown no longer than it will turn out. */
function checkingSince(now: LiveView): number | null {
  if (now.phase !== "melt") return null;
  return now.limbs.find((limb) => limb.limb === now.limb)?.checking_since_s ?? null;
}

/** Where you are: "Right elbow · 2 of 3 · then left leg". */
function line(now: LiveView): string {
  const guide = now.guide;
  if (!guide || now.ended) return "";
  if (guide.step_title === null) return guide.steps ? t("live.line_done", { exercise: guide.title }) : guide.title;
  const here = t("live.line", { step: guide.step_title, n: Math.min(guide.repetition + 1, guide.repetitions), of: guide.repetitions });
  return guide.next_title ? t("live.line_then", { line: here, next: inside(guide.next_title) }) : here;
}

/** A title in the midst of a line: German nouns keep their capital. */
function inside(title: string): string {
  return language === "en" ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}

/** Other limbs that are not at rest either: an arm and a leg together are one movement. */
function also(now: LiveView): string {
  return now.limbs
    .filter((limb) => limb.limb !== now.limb && limb.phase !== "rest")
    .map((limb) => `${named("limb", limb.limb)}: ${t(`phase.${limb.phase}`)}`)
    .join(" · ");
}

function guide(now: LiveView): string {
  if (!now.guide) return "";
  if (now.ended) return t("live.ended_about");
  if (now.presence === "empty" || now.paused || now.guide.state === "turning") return now.guide.next;
  if (now.presence !== "still") return now.guide.next;
  if (now.guide.count !== null) return t("live.counting", { n: now.guide.count });
  if (now.phase !== "rest") return "";
  return now.guide.words[0] ?? now.guide.next;
}

function tick(): void {
  const phase = (stage.dataset["phase"] ?? "none") as LiveView["phase"] | "none";
  if (!state || phase === "none") {
    write(words.seconds, "");
    ring.show("none", 0, null);
    return;
  }
  const until = checkingSince(state) ?? state.t_s + (connected ? (performance.now() - receivedAt) / 1000 : 0);
  const passed = Math.max(0, until - state.since_s);
  const shown = clock(Math.floor(passed));
  words.seconds.classList.toggle("long", shown.length > 2);
  write(words.seconds, shown);
  ring.show(phase, passed, state.guide);
}

/** Seconds, and from a minute on minutes and seconds. */
function clock(whole: number): string {
  return whole < 60 ? String(whole) : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function showFeel(now: LiveView, phase: string): void {
  feel.hidden = !mayAsk || phase !== "rest" || !now.session || stage.dataset["mode"] !== "practice";
  element('[data-feel="larger"]', feel).hidden = !now.guide?.may_grow;
}

function showHealth(now: LiveView): void {
  const notices = now.health.notices;
  const told = zonesTold(notices);
  const faulty = Object.entries(now.zones)
    .filter(([name, zone]) => zone.fault && !told.has(name))
    .map(([name]) => t("live.fault", { zone: named("zone", name) }));
  const shown = [...new Set([...notices.map(noticeText), ...faulty])];
  // What is only good to know (a busy computer) is said in passing.
  words.health.classList.toggle("trouble", faulty.length > 0 || notices.some((one) => one.severity !== "info"));
  write(words.health, shown.length ? shown.join(" · ") : tn("live.well", Object.keys(now.zones).length));
}

function showActions(now: LiveView): void {
  pause.hidden = stop.hidden = !now.session;
  steps.hidden = !now.session || now.paused || !now.guide?.steps || now.guide.state === "waiting";
  write(pause, t(now.paused ? "live.resume" : "live.pause"));
}

// What was just before -------------------------------------------------------------------------------------------------------

function showBefore(lifts: Lift[]): void {
  const shown = lifts.filter((lift) => lift.kind === "lift");
  const lift = shown[0];
  if (!lift) return;
  write(element("#before-title"), t("live.before_limb", { limb: shown.map((one) => named("limb", one.limb)).join(" + ") }));
  const between = (from: number | null, to: number | null): string => seconds(from === null || to === null ? null : to - from);
  write(element("#before-prepare"), between(lift.prepare_start, lift.lift_off));
  write(element("#before-aloft"), between(lift.lift_off, lift.touch_down));
  write(element("#before-melt"), between(lift.touch_down, lift.melt_end));
  before.hidden = false;
}

/** The last repetition of a session that was running before this page looked, or while it could not. */
async function recall(session: number): Promise<void> {
  try {
    const record = (await (await get(`/api/v1/sessions/${session}`)).json()) as { repetitions: { lifts: { lift: Lift }[] }[] };
    const last = record.repetitions[record.repetitions.length - 1];
    if (last) showBefore(last.lifts.map(({ lift }) => lift));
  } catch (error) {
    // Not on the card yet, or out of reach: the next repetition will be shown.
    if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
  }
}

async function showSummary(session: number): Promise<void> {
  try {
    const { words: sentence } = (await (await get(`/api/v1/sessions/${session}/words`)).json()) as { words: string };
    write(element("#summary-words"), sentence);
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
    return;
  }
  element<HTMLAnchorElement>("#summary-go").href = `/sessions/${session}`;
  for (const face of elements("[data-face]", summary)) face.setAttribute("aria-pressed", "false");
  summary.dataset["session"] = String(session);
  summary.hidden = false;
  if (state) show(state);
}

element("#departure").addEventListener("click", (event) => {
  const face = (event.target as Element).closest<HTMLButtonElement>("[data-face]");
  if (!face) return;
  const taken = act("comfort_set", { session: Number(summary.dataset["session"]), moment: "after", face: Number(face.dataset["face"]) });
  void taken.then((kept) => {
    if (kept) for (const other of elements("[data-face]", summary)) other.setAttribute("aria-pressed", String(other === face));
  });
});
element("#summary-close").addEventListener("click", () => {
  summary.hidden = true;
});

function happened({ session, event }: StationEvent): void {
  deviceNews(event, state !== null);
  switch (event.type) {
    case "repetition":
      showBefore(event["lifts"] as Lift[]);
      mayAsk = true;
      break;
    case "phase": {
      const limb = String(event["limb"]);
      if (limb.startsWith("arm")) armWorks(limb.endsWith("_l") ? "left" : "right");
      break;
    }
    case "session":
      // The station says so before its last commit: a moment later the session can be read.
      if (event["kind"] === "ended" && session !== null && session === witnessed && Number(event["repetitions"]) > 0) setTimeout(() => void showSummary(session), 1500);
      break;
  }
}

// Pressing -------------------------------------------------------------------------------------------------------------------

/** Give a command; whether it was taken.  What declined it is said. */
async function act(name: string, args: object = {}, button?: HTMLButtonElement): Promise<boolean> {
  if (button) button.disabled = true;
  try {
    await command(name, args);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
    write(words.health, t("common.try_again", { words: error.message }));
    return false;
  } finally {
    if (button) button.disabled = false;
  }
}

pause.addEventListener("click", () => void act(state?.paused ? "resume" : "pause", {}, pause));
stop.addEventListener("click", () => void act("session_stop", {}, stop));
element<HTMLButtonElement>("#again").addEventListener("click", (event) => void act("session_start", {}, event.currentTarget as HTMLButtonElement));
for (const button of elements<HTMLButtonElement>("[data-step]")) {
  button.addEventListener("click", () => void act(button.dataset["step"] ?? "", {}, button));
}
for (const button of elements<HTMLButtonElement>("[data-feel]")) {
  button.addEventListener("click", () => {
    mayAsk = false;
    feel.hidden = true;
    void act("guide_feel", { feel: button.dataset["feel"] });
  });
}

// The person of a simulated mat does what is asked of them; a switch that is on is switched off again.
for (const button of elements<HTMLButtonElement>("[data-demo]")) {
  button.addEventListener("click", () => {
    const off = button.dataset["demoOff"];
    const on = button.getAttribute("aria-pressed") === "true";
    void act("demo_steer", { act: off && on ? off : button.dataset["demo"] }, button).then((taken) => {
      if (taken && off) button.setAttribute("aria-pressed", String(!on));
    });
  });
}

// Sound ----------------------------------------------------------------------------------------------------------------------

function showSounding(): void {
  const silent = sounder.wanted && tabletSounds && !sounder.sounding;
  soundButton.setAttribute("aria-pressed", String(sounder.wanted && tabletSounds));
  element("#silent").hidden = element("#unlock").hidden = !silent;
}

async function readSoundSettings(): Promise<void> {
  const settings = (await (await get("/api/v1/settings")).json()) as Record<string, unknown>;
  tabletSounds = settings["sound.tablet"] !== false;
  if (typeof settings["sound.set"] === "string") sounder.use(settings["sound.set"]);
  if (typeof settings["sound.volume"] === "number") volume = settings["sound.volume"];
  followed = settings["sound.follow"] === true ? Number(settings["sound.follow_sessions"] ?? 0) : null;
  showSounding();
}

soundButton.addEventListener("click", () => {
  sounder.wanted = !sounder.wanted;
});
showSounding();
readSoundSettings().catch(() => undefined);

// The line to the station ----------------------------------------------------------------------------------------------------

setInterval(tick, 100);
keepAwake();
new Stream(
  {
    state: show,
    event: happened,
    cue: (cue) => {
      if (tabletSounds) void sounder.take(cue);
    },
    resync: () => {
      if (state?.session?.id) void recall(state.session.id);
    },
    connected: (now) => {
      connected = now;
      element("#lost").hidden = now;
      stage.classList.toggle("lost", !now);
      if (!now) tone.lost();
      alarm.connected(now, tabletSounds && Boolean(state?.session));
    },
  },
  () => sounder.sounding && tabletSounds,
);
