// The review of one session: the trace over its phases, corrections by hand, melts over each other, comfort and a note.

import { ApiError, command, element, elements, get, pageData, t, write } from "./core";
import { meltView } from "./melts";
import { type Boundary, clockFine, fetchPoints, type Lane, type LiftData, TracePlot } from "./trace";

interface SessionData {
  id: number;
  started_s: number;
  ended_s: number | null;
  limbs: Lane[];
}

const session = pageData<SessionData>();
const repetitions = element("#repetitions");
const toast = element("#toast");
const melts = document.getElementById("melts");
let plot: TracePlot | null = null;
let meltsShown = false;

function lifts(): LiftData[] {
  return JSON.parse(element("#lifts").textContent ?? "[]") as LiftData[];
}

function say(words: string): void {
  toast.hidden = false;
  write(toast, words);
}

/** Run a command; afterwards show what the station now says, whether it took it or not. */
async function change(name: string, args: object, done = ""): Promise<void> {
  try {
    await command(name, { session: session.id, ...args });
    if (done) say(done);
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
    say(t("common.try_again", { words: error.message }));
  }
  await refresh();
}

async function refresh(): Promise<void> {
  const chosen = repetitions.querySelector<HTMLElement>(".lift.chosen")?.id;
  repetitions.innerHTML = await (await get(`/sessions/${session.id}/rows`)).text();
  if (chosen) document.getElementById(chosen)?.classList.add("chosen");
  plot?.setLifts(lifts());
  if (meltsShown) void meltView(session.id);
}

async function drawTrace(): Promise<void> {
  const root = element("#plot");
  // The whole session, coarsely: the answer to this question is the one the page asked for before this script was there.
  const points = await fetchPoints(session.id, "pixels=500");
  if (!points.t_s.length) {
    write(element("#hint"), t("review.no_trace"));
    return;
  }
  plot = new TracePlot(root, session.id, session.started_s, session.limbs, points, moved);
  plot.boundaryName = (boundary) => t(`review.boundary_${boundary}`);
  plot.setLifts(lifts());
  root.dataset["drawn"] = "yes";
  plot.whole();
}

function moved(lift: LiftData, boundary: Boundary, t_s: number): void {
  const at = clockFine(t_s - session.started_s);
  void change("correction_add", { lift: lift.id, boundary, t_s }, `${t(`review.boundary_${boundary}`)}: ${t("review.moved", { seconds: at })}`);
}

repetitions.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("[data-do]");
  const row = button?.closest<HTMLElement>("[data-lift]");
  if (!button || !row) return;
  const id = Number(row.dataset["lift"]);
  switch (button.dataset["do"]) {
    case "closer":
      for (const other of elements(".lift.chosen")) other.classList.remove("chosen");
      row.classList.add("chosen");
      plot?.edit(lifts().find((lift) => lift.id === id) ?? null);
      write(element("#hint"), t("review.hint_edit"));
      element("#trace-title").scrollIntoView({ block: "start" });
      break;
    case "strike":
      void change("correction_add", { lift: id, not_a_lift: true });
      break;
    case "undo":
      void change("correction_undo", { correction: Number(button.dataset["correction"]) });
      break;
    case "note":
      writeNote(row, id);
      break;
  }
});

function writeNote(row: HTMLElement, id: number): void {
  const existing = row.querySelector("textarea");
  if (existing) {
    existing.focus();
    return;
  }
  const area = document.createElement("textarea");
  area.maxLength = 4000;
  area.setAttribute("aria-label", t("review.note_lift"));
  area.value = row.querySelector(".lift-note")?.textContent ?? "";
  area.addEventListener("change", () => void change("note_set", { lift: id, text: area.value }));
  row.querySelector(".lift-times")?.append(area);
  area.focus();
}

for (const button of elements<HTMLButtonElement>("[data-zoom]")) {
  button.addEventListener("click", () => {
    if (button.dataset["zoom"] === "all") {
      plot?.edit(null);
      plot?.whole();
      write(element("#hint"), t("review.hint"));
    } else plot?.zoom(button.dataset["zoom"] === "in" ? 0.5 : 2);
  });
}

for (const group of elements(".faces")) {
  group.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-face]");
    if (!button) return;
    const chosen = button.getAttribute("aria-pressed") !== "true";
    for (const other of elements("[data-face]", group)) other.setAttribute("aria-pressed", String(chosen && other === button));
    void command("comfort_set", { session: session.id, moment: group.dataset["moment"], face: chosen ? Number(button.dataset["face"]) : null });
  });
}

const note = element<HTMLTextAreaElement>("#note");
note.addEventListener("change", () => {
  command("note_set", { session: session.id, text: note.value }).then(
    () => write(element("#note-state"), t("common.saved")),
    (error: unknown) => write(element("#note-state"), t("common.try_again", { words: error instanceof Error ? error.message : "" })),
  );
});

const sure = element<HTMLDialogElement>("#sure");
element("#delete").addEventListener("click", () => sure.showModal());
sure.addEventListener("close", () => {
  if (sure.returnValue !== "delete") return;
  command("session_delete", { session: session.id }).then(
    () => location.assign("/sessions"),
    (error: unknown) => say(t("common.try_again", { words: error instanceof Error ? error.message : "" })),
  );
});

document.documentElement.classList.add("scripted");
void drawTrace();
// The melts lie further down, and are many: they are fetched when somebody comes near them.
if (melts) {
  new IntersectionObserver((seen, observer) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    observer.disconnect();
    meltsShown = true;
    void meltView(session.id);
  }, { rootMargin: "600px" }).observe(melts);
}
