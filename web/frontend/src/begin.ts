// Beginning from the tablet: which exercise, how the body feels, sound, start.  What is chosen is told to the station at once, and the
// page says whether it begins now or with the next lying down.

import { ApiError, command, element, elements, t, write } from "./core";
import type { Sounder } from "./sound";

interface Begins {
  exercise: string;
  begins: "now" | "lying_down";
}

export class Begin {
  /** The face that was touched before there was a session to keep it with. */
  private face: number | null = null;
  private away = false;

  constructor(
    private readonly sounder: Sounder,
    private readonly declined: (words: string) => void,
  ) {
    const chooser = element<HTMLDialogElement>("#chooser");
    for (const offer of elements<HTMLButtonElement>("[data-exercise]")) {
      offer.addEventListener("click", () => {
        if (chooser.open) chooser.close();
        void this.guide(offer.dataset["exercise"] ?? "free");
      });
    }
    element("#choose").addEventListener("click", () => chooser.showModal());
    element("#chooser-close").addEventListener("click", () => chooser.close());
    element("#start").addEventListener("click", () => {
      void this.sounder.unlock();
      void this.guide(this.chosen).then((taken) => {
        if (taken) this.away = true;
      });
    });
    element("#unlock").addEventListener("click", () => {
      this.sounder.wanted = true;
      void this.sounder.demonstrate("ready", 0.5);
    });
    this.people();
    element("#arrival").addEventListener("click", (event) => {
      const face = (event.target as Element).closest<HTMLButtonElement>("[data-face]");
      if (!face) return;
      this.face = Number(face.dataset["face"]);
      for (const other of elements("#arrival [data-face]")) other.setAttribute("aria-pressed", String(other === face));
      // Who hurts is offered less, never more.
      element("#pain").hidden = this.face > 1;
    });
  }

  /** Who is on the mat: remembered, with their own exercise, range, pace and language; the page comes back as it is for them. */
  private people(): void {
    for (const button of elements<HTMLButtonElement>("[data-person]")) {
      button.addEventListener("click", () => void this.choose(button.dataset["person"] ? Number(button.dataset["person"]) : null));
    }
    element("#who-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const name = element<HTMLInputElement>("#who-name").value.trim();
      if (name) void this.choose(null, name);
    });
  }

  private async choose(person: number | null, name = ""): Promise<void> {
    try {
      const value = name ? (await command<{ id: number }>("person_add", { name })).id : person;
      await command("setting_set", { key: "practice.person", value });
      // What they chose last is guided from now on.
      await command("guide_start", {});
      location.reload();
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
      this.declined(error.message);
    }
  }

  /** Whether the page has gone on to wait for somebody who lies down. */
  get gone(): boolean {
    return this.away;
  }

  /** Nobody is there any more: the next one begins from the front. */
  reset(): void {
    this.away = false;
    this.face = null;
    element("#pain").hidden = true;
    write(element("#begins"), "");
    for (const face of elements("#arrival [data-face]")) face.setAttribute("aria-pressed", "false");
  }

  /** A session has begun: what was said before it belongs to it. */
  session(id: number): void {
    if (this.face !== null) void command("comfort_set", { session: id, moment: "before", face: this.face }).catch(() => undefined);
    this.face = null;
  }

  private get chosen(): string {
    return elements<HTMLButtonElement>("#offers [data-exercise]").find((one) => one.getAttribute("aria-pressed") === "true")?.dataset["exercise"] ?? this.named;
  }

  private named = "free";

  private async guide(exercise: string): Promise<boolean> {
    try {
      await command("setting_set", { key: "practice.exercise", value: exercise });
      const { begins } = await command<Begins>("guide_start", { exercise });
      this.named = exercise;
      this.mark(exercise);
      const title = element(`[data-exercise="${exercise}"] strong`, element("#chooser")).textContent ?? "";
      write(element("#begins"), t(begins === "now" ? "live.begins_now" : "live.begins_lying", { exercise: title }));
      return true;
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof TypeError)) throw error;
      this.declined(error.message);
      return false;
    }
  }

  /** What was chosen in the list stands among the large cards too. */
  private mark(exercise: string): void {
    const large = element("#offers");
    if (!large.querySelector(`[data-exercise="${exercise}"]`)) {
      const from = element<HTMLButtonElement>(`#chooser [data-exercise="${exercise}"]`);
      const second = large.querySelectorAll<HTMLButtonElement>("[data-exercise]")[1];
      const copy = from.cloneNode(true) as HTMLButtonElement;
      copy.addEventListener("click", () => void this.guide(exercise));
      if (second) second.replaceWith(copy);
      else large.insertBefore(copy, element("#choose"));
    }
    for (const offer of elements("[data-exercise]")) offer.setAttribute("aria-pressed", String((offer as HTMLElement).dataset["exercise"] === exercise));
  }
}
