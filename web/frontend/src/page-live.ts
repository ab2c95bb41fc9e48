// The live page: the newest state on the screen, the repetition before beside it, and a word at once when the line is lost.

import { keepAwake } from "./awake";
import { Body } from "./body";
import { ApiError, command, element, elements, get, named, noticeText, seconds, t, tn, write } from "./core";
import type { Fault, Lift, LiveView, StationEvent } from "./messages";
import { Sounder } from "./sound";
import { Stream } from "./stream";
import { lyingView, numbersToggle, themeToggle, watchShape } from "./view";

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
const summary = element("#summary");
const arrival = element("#arrival");
const pause = element<HTMLButtonElement>("#pause");
const stop = element<HTMLButtonElement>("#stop");
const soundButton = element<HTMLButtonElement>("[data-sound-toggle]");
const body = new Body(element(".figure"));
const first = element("#first");
const firstTime = first.dataset["first"] === "yes";
const faults = new Map<string, string>();

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
/** The session whose "before" was answered. */
let answered: number | null = null;

// What is now ----------------------------------------------------------------------------------------------------------------

function show(now: LiveView): void {
  state = now;
  receivedAt = performance.now();
  body.show(now.zones, now.limbs);
  const phase = now.presence === "still" && !now.paused ? now.phase : "none";
  stage.dataset["phase"] = phase;
  // The station's time of what is shown: how late a picture is can be measured from outside.
  stage.dataset["at"] = String(now.t_s);
  if (phase === "none") {
    write(words.phase, t(now.paused ? "live.paused" : `live.${now.presence === "still" ? "settling" : now.presence}`));
    write(words.limb, "");
    write(words.also, "");
  } else {
    write(words.phase, t(`phase.${phase}`));
    write(words.limb, now.limb ? named("limb", now.limb) : "");
    write(words.also, also(now));
  }
  write(words.guide, guide(now));
  first.hidden = !firstTime || now.presence !== "empty";
  // While somebody settles there is time to say how the body feels; from the first stillness on nothing is asked any more.
  arrival.hidden = now.presence === "still" || !now.session || answered === now.session.id;
  showHealth(now);
  showActions(now);
  tick();
  const session = now.session?.id ?? null;
  if (session !== sessionShown) {
    sessionShown = session;
    before.hidden = true;
    if (session !== null) {
      witnessed = session;
      summary.hidden = true;
      if (now.session?.repetitions) void recall(session);
    }
  }
}

/** Other limbs that are not at rest either: an arm and a leg together are one movement. */
function also(now: LiveView): string {
  return now.limbs
    .filter((limb) => limb.limb !== now.limb && limb.phase !== "rest")
    .map((limb) => `${named("limb", limb.limb)}: ${t(`phase.${limb.phase}`)}`)
    .join(" · ");
}

function guide(now: LiveView): string {
  if (now.paused || now.presence === "empty" || !now.guide) return "";
  if (now.guide.count !== null) return t("live.counting", { n: now.guide.count });
  if (now.phase !== "rest") return "";
  return now.guide.words[0] ?? now.guide.next;
}

function tick(): void {
  if (!state || stage.dataset["phase"] === "none") {
    write(words.seconds, "");
    return;
  }
  const passed = connected ? (performance.now() - receivedAt) / 1000 : 0;
  write(words.seconds, String(Math.max(0, Math.floor(state.t_s + passed - state.since_s))));
}

function showHealth(now: LiveView): void {
  const faulty = Object.entries(now.zones)
    .filter(([, zone]) => zone.fault)
    .map(([name]) => faults.get(name) ?? t("live.fault", { zone: named("zone", name) }));
  const trouble = [...new Set([...now.health.notices.map(noticeText), ...faulty])];
  words.health.classList.toggle("trouble", trouble.length > 0);
  write(words.health, trouble.length ? trouble.join(" · ") : tn("live.well", Object.keys(now.zones).length));
}

function showActions(now: LiveView): void {
  pause.hidden = stop.hidden = !now.session;
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
    const last = record.repetitions.at(-1);
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
}

arrival.addEventListener("click", (event) => {
  const face = (event.target as Element).closest<HTMLButtonElement>("[data-face]");
  if (!face || !state?.session) return;
  answered = state.session.id;
  arrival.hidden = true;
  void act("comfort_set", { session: answered, moment: "before", face: Number(face.dataset["face"]) });
});

summary.addEventListener("click", (event) => {
  const face = (event.target as Element).closest<HTMLButtonElement>("[data-face]");
  if (!face) return;
  for (const other of elements("[data-face]", summary)) other.setAttribute("aria-pressed", String(other === face));
  void act("comfort_set", { session: Number(summary.dataset["session"]), moment: "after", face: Number(face.dataset["face"]) });
});
element("#summary-close").addEventListener("click", () => {
  summary.hidden = true;
});

function happened({ session, event }: StationEvent): void {
  switch (event.type) {
    case "repetition":
      showBefore(event["lifts"] as Lift[]);
      break;
    case "phase": {
      const limb = String(event["limb"]);
      if (limb.startsWith("arm")) armWorks(limb.endsWith("_l") ? "left" : "right");
      break;
    }
    case "fault": {
      const fault = event as unknown as Fault;
      if (fault.zone && fault.over) faults.delete(fault.zone);
      else if (fault.zone) faults.set(fault.zone, fault.words);
      break;
    }
    case "session":
      // The station says so before its last commit: a moment later the session can be read.
      if (event["kind"] === "ended" && session !== null && session === witnessed && Number(event["repetitions"]) > 0) setTimeout(() => void showSummary(session), 1500);
      break;
  }
}

// Pressing -------------------------------------------------------------------------------------------------------------------

async function act(name: string, args: object = {}, button?: HTMLButtonElement): Promise<void> {
  if (button) button.disabled = true;
  try {
    await command(name, args);
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
    write(words.health, t("common.try_again", { words: error.message }));
  } finally {
    if (button) button.disabled = false;
  }
}

pause.addEventListener("click", () => void act(state?.paused ? "resume" : "pause", {}, pause));
stop.addEventListener("click", () => void act("session_stop", {}, stop));

// Sound ----------------------------------------------------------------------------------------------------------------------

const sounder = new Sounder(showSounding);
let tabletSounds = true;

function showSounding(): void {
  soundButton.setAttribute("aria-pressed", String(sounder.wanted && tabletSounds));
  element("#silent").hidden = !sounder.wanted || !tabletSounds || sounder.sounding;
}

async function readSoundSettings(): Promise<void> {
  const settings = (await (await get("/api/v1/settings")).json()) as Record<string, unknown>;
  tabletSounds = settings["sound.tablet"] !== false;
  if (typeof settings["sound.set"] === "string") sounder.use(settings["sound.set"]);
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
      faults.clear();
      if (state?.session?.id) void recall(state.session.id);
    },
    connected: (now) => {
      connected = now;
      element("#lost").hidden = now;
      stage.classList.toggle("lost", !now);
    },
  },
  () => sounder.sounding && tabletSounds,
);
