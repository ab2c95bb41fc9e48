// Setup: the mat live, the check of every zone, the calibration with weights, and the settings that matter.

import { showBackups } from "./backups";
import { Body } from "./body";
import { command, element, elements, named, noticeText, remember, t, tn, write, zonesTold } from "./core";
import type { LiveView, StationEvent } from "./messages";
import { settingControls, tryCommand } from "./settings";
import { deviceNews } from "./device-news";
import { Stream } from "./stream";
import { toast } from "./toast";
import { showUpdates } from "./updates";

const G = 9.80665;

interface Result {
  /** null: what concerns the mat as a whole. */
  zone: string | null;
  ok: boolean;
  words: string;
}

interface Check {
  state: "asking" | "done" | "stopped";
  zone: string | null;
  words: string;
  step: number;
  steps: number;
  results: Result[];
}

interface Calibration {
  state: "waiting" | "measuring" | "ready" | "done" | "declined" | "stopped";
  zone: string;
  words: string;
  points: { force_n: number; siemens: number }[];
}

const figure = element(".figure");
const body = new Body(figure);

settingControls();

// Choosing an exercise takes effect at once, or when somebody next lies down: the station says which.
const exercise = element<HTMLSelectElement>("#exercise");
exercise.addEventListener("change", () => {
  const chosen = exercise.selectedOptions[0];
  void tryCommand("setting_set", { key: "practice.exercise", value: exercise.value }).then(async (kept) => {
    if (!kept) return;
    write(element("#exercise-about"), chosen?.dataset["about"] ?? "");
    try {
      const { begins } = await command<{ begins: "now" | "lying_down" }>("guide_start", { exercise: exercise.value });
      toast(t(begins === "now" ? "live.begins_now" : "live.begins_lying", { exercise: chosen?.text ?? "" }));
    } catch (error) {
      toast(t("common.try_again", { words: error instanceof Error ? error.message : "" }));
    }
  });
});

for (const button of elements<HTMLButtonElement>("[data-wish]")) {
  button.addEventListener("click", () => {
    remember(button.dataset["wish"] ?? "", button.dataset["value"] ?? "");
    location.reload();
  });
}

document.getElementById("seen")?.addEventListener("click", (event) => {
  void tryCommand("setting_set", { key: "station.setup_done", value: true }).then((done) => {
    if (done) (event.target as HTMLElement).hidden = true;
  });
});

for (const button of elements<HTMLButtonElement>("[data-mat]")) {
  button.addEventListener("click", () => {
    void tryCommand("mat_choose", { name: button.dataset["mat"] }).then((done) => {
      if (!done) return;
      toast(t("setup.mat_chosen"));
      for (const other of elements("[data-mat]")) other.setAttribute("aria-pressed", String(other === button));
    });
  });
}

// The mat, live ---------------------------------------------------------------------------------------------------------------

const backups = showBackups();
const updates = showUpdates();
let seen = false;

function showState(state: LiveView): void {
  seen = true;
  backups.notices(state.health.notices);
  updates(state.health.notices);
  body.show(state.zones, []);
  const told = zonesTold(state.health.notices);
  const faulty = Object.entries(state.zones).filter(([name, zone]) => zone.fault && !told.has(name));
  const words = faulty.length
    ? t("setup.zones_faulty", { zones: faulty.map(([name]) => named("zone", name)).join(", ") })
    : tn("setup.zones_well", Object.keys(state.zones).length);
  const all = told.size && !faulty.length ? [] : [words];
  write(element("#mat-state"), [...state.health.notices.map(noticeText), ...all].join(" · "));
}

// The check of every zone -----------------------------------------------------------------------------------------------------

const check = {
  start: element<HTMLButtonElement>("#check-start"),
  skip: element<HTMLButtonElement>("#check-skip"),
  stop: element<HTMLButtonElement>("#check-stop"),
  words: element("#check-words"),
  progress: element<HTMLProgressElement>("#check-progress"),
  results: element("#check-results"),
};

function showCheck(now: Check | null): void {
  if (!now) return;
  const asking = now.state === "asking";
  check.start.hidden = asking;
  check.skip.hidden = check.stop.hidden = check.progress.hidden = !asking;
  check.progress.max = now.steps;
  check.progress.value = now.step;
  write(check.words, now.words);
  fill(check.results, now.results.map(({ zone, ok, words }) => ({ ok, words: zone ? `${named("zone", zone)}: ${words}` : words })));
  for (const spot of elements<SVGGElement>(".spot", figure)) spot.classList.toggle("asked", asking && spot.dataset["zone"] === now.zone);
}

/** Give a command of the check or the calibration, and show what it answers. */
async function ask<T>(show: (now: T) => void, name: string, args: object = {}): Promise<void> {
  try {
    show(await command<T>(name, args));
  } catch (error) {
    toast(t("common.try_again", { words: error instanceof Error ? error.message : "" }));
  }
}

function fill(list: HTMLElement, lines: { ok: boolean; words: string }[]): void {
  list.replaceChildren(
    ...lines.map(({ ok, words }) => {
      const line = document.createElement("li");
      line.textContent = words;
      line.classList.toggle("not", !ok);
      return line;
    }),
  );
}

check.start.addEventListener("click", () => void ask(showCheck, "check_start"));
check.skip.addEventListener("click", () => void ask(showCheck, "check_answer", { answer: "skip" }));
check.stop.addEventListener("click", () => void ask(showCheck, "check_stop"));

// The calibration with weights ------------------------------------------------------------------------------------------------

const weights = {
  zone: element<HTMLSelectElement>("#calibrate-zone"),
  kg: element<HTMLInputElement>("#calibrate-kg"),
  keep: element<HTMLButtonElement>("#calibrate-keep"),
  add: element<HTMLButtonElement>("#calibrate-add"),
};

function showCalibration(now: Calibration | null): void {
  if (!now) return;
  const running = !["done", "declined", "stopped"].includes(now.state);
  element("#calibrating").hidden = false;
  write(element("#calibrate-words"), now.words);
  weights.add.disabled = now.state === "measuring" || !running;
  weights.keep.disabled = now.state !== "ready";
  fill(element("#calibrate-points"), now.points.map(({ force_n, siemens }) => ({ ok: true, words: `${(force_n / G).toFixed(1)} kg: ${(siemens * 1e6).toFixed(1)} µS` })));
}

element("#calibrate-start").addEventListener("click", () => void ask(showCalibration, "calibrate_start", { zone: weights.zone.value }));
weights.add.addEventListener("click", () => {
  if (weights.kg.reportValidity()) void ask(showCalibration, "calibrate_weight", { force_n: Number(weights.kg.value) * G });
});
weights.keep.addEventListener("click", () => void ask(showCalibration, "calibrate_finish"));
element("#calibrate-stop").addEventListener("click", () => void ask(showCalibration, "calibrate_stop"));

new Stream({
  state: showState,
  event: ({ event }: StationEvent) => {
    deviceNews(event, seen);
    if (event.type === "setting" && event["key"] === "backup.last") backups.made(event["value"]);
    if (event.type === "check") showCheck(event as unknown as Check);
    if (event.type === "calibrate") showCalibration(event as unknown as Calibration);
  },
  connected: (connected) => {
    element("#lost").hidden = connected;
  },
});
