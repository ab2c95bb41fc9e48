// The review of one session: its lifts, the pressure over the whole of it, melts over each other, comfort and a note.

import { ApiError, command, element, elements, get, pageData, t, write } from "./core";
import { LiftLayer } from "./lift-layer";
import { meltView } from "./melts";
import { commandOrKeep, keptText, watchOutbox } from "./outbox";
import { toast } from "./toast";
import { fetchPoints, type Lane, type Overviewed, TracePlot } from "./trace";

interface SessionData {
  id: number;
  started_s: number;
  ended_s: number | null;
  limbs: Lane[];
}

const session = pageData<SessionData>();
const page = element("#session-page");
const repetitions = element("#repetitions");
const melts = document.getElementById("melts");
let plot: TracePlot | null = null;
let meltsShown = false;
let scrolled = 0;

function lifts(): Overviewed[] {
  return JSON.parse(element("#lifts").textContent ?? "[]") as Overviewed[];
}

/** Show what the server says now: sentence, medians, rows, bands and melts follow a correction at once. */
async function refresh(): Promise<void> {
  try {
    const fresh = new DOMParser().parseFromString(await (await get(`/sessions/${session.id}/rows`)).text(), "text/html");
    for (const part of fresh.querySelectorAll<HTMLElement>("[data-fresh]")) {
      element(`[data-fresh="${part.dataset["fresh"]}"]`, page).replaceWith(part);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return;
  }
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
  plot = new TracePlot(root, session.id, session.started_s, session.limbs, points, (lift) => layer.open(`/sessions/${session.id}/lifts/${lift.id}`));
  plot.setLifts(lifts());
  root.dataset["drawn"] = "yes";
  plot.whole();
}

document.documentElement.classList.add("scripted");
watchOutbox(toast);
const layer = new LiftLayer(
  element("#lift-layer"),
  {
    changed: () => void refresh(),
    say: toast,
    opened: () => {
      if (!page.hidden) scrolled = scrollY;
      page.hidden = true;
    },
    closed: (lift) => {
      page.hidden = false;
      scrollTo({ top: scrolled });
      document.querySelector<HTMLElement>(`#lift-${lift} .lift-open`)?.focus({ preventScroll: true });
    },
  },
  null,
);

repetitions.addEventListener("click", (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>("[data-lift-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  layer.open(link.pathname);
});
// A finger on its way to a lift: ask already.
repetitions.addEventListener("pointerdown", (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>("[data-lift-link]");
  if (link) layer.fetchAhead(link.pathname);
});

for (const button of elements<HTMLButtonElement>("[data-zoom]")) {
  button.addEventListener("click", () => {
    if (button.dataset["zoom"] === "all") plot?.whole();
    else plot?.zoom(button.dataset["zoom"] === "in" ? 0.5 : 2);
  });
}

for (const group of elements(".faces")) {
  group.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-face]");
    if (!button) return;
    const faces = elements("[data-face]", group);
    const was = faces.map((face) => face.getAttribute("aria-pressed") ?? "false");
    const chosen = button.getAttribute("aria-pressed") !== "true";
    for (const other of faces) other.setAttribute("aria-pressed", String(chosen && other === button));
    const args = { session: session.id, moment: group.dataset["moment"], face: chosen ? Number(button.dataset["face"]) : null };
    commandOrKeep("comfort_set", args).catch((error: unknown) => {
      faces.forEach((face, index) => face.setAttribute("aria-pressed", was[index] as string));
      toast(t("common.try_again", { words: error instanceof Error ? error.message : "" }));
    });
  });
}

keptText(element<HTMLTextAreaElement>("#note"), "note_set", { session: session.id }, (words) => write(element("#note-state"), words));

const person = document.querySelector<HTMLSelectElement>("#person");
let whose = person?.value ?? "";
person?.addEventListener("change", () => {
  command("session_person_set", { session: session.id, person: person.value === "" ? null : Number(person.value) }).then(
    () => {
      whose = person.value;
      toast(t("common.saved"));
    },
    (error: unknown) => {
      person.value = whose;
      toast(t("common.try_again", { words: error instanceof Error ? error.message : "" }));
    },
  );
});

const sure = element<HTMLDialogElement>("#sure");
const erase = (): void => {
  command("session_delete", { session: session.id }).then(
    () => location.assign("/sessions"),
    (error: unknown) => toast(t("common.try_again", { words: error instanceof Error ? error.message : "" })),
  );
};
element("#delete").addEventListener("click", () => {
  // Safari before 15.4 has no dialogs of its own.
  if (typeof sure.showModal === "function") sure.showModal();
  else if (confirm(`${t("review.delete_title")}\n${t("review.delete_about")}`)) erase();
});
sure.addEventListener("close", () => {
  if (sure.returnValue === "delete") erase();
});

void drawTrace();
// The melts lie further down, and are many: they are fetched when somebody comes near them, or the page is to be printed.
if (melts) {
  const show = (): void => {
    if (meltsShown) return;
    meltsShown = true;
    void meltView(session.id);
  };
  new IntersectionObserver((seen, observer) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    observer.disconnect();
    show();
  }, { rootMargin: "600px" }).observe(melts);
  addEventListener("beforeprint", show);
}
