// What a person entered while the station could not be reached: kept in this browser, sent as soon as it answers.
//
// Later entries for the same place take the place of earlier ones: two notes on one lift are one note.

import { ApiError, command, t, UnreachableError } from "./core";

const KEY = "outbox";
const RETRY_MS = 3000;

interface Entry {
  name: string;
  args: Record<string, unknown>;
}

type Listener = (words: string, sent: boolean) => void;

let listener: Listener = () => undefined;
let timer = 0;
let sending = false;

function waiting(): Entry[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]") as Entry[];
  } catch {
    return unsaved;
  }
}

/** Where localStorage is closed (a private window), the entries live as long as the page. */
let unsaved: Entry[] = [];

function keep(entries: Entry[]): void {
  unsaved = entries;
  try {
    localStorage.setItem(KEY, JSON.stringify(entries));
  } catch {
    // The copy in memory has to do.
  }
}

function place({ name, args }: Entry): string {
  const { session, lift, moment, boundary, at_s } = args;
  return JSON.stringify([name, session, lift, moment, boundary, at_s]);
}

/** Called with words when something waits, was sent after all, or was declined after all. */
export function watchOutbox(told: Listener): void {
  listener = told;
  if (waiting().length) void sendWaiting();
  addEventListener("online", () => void sendWaiting());
}

/** Give a command; where nobody answers, keep it and send it later.  Whether it was taken now.  Throws ApiError when declined. */
export async function commandOrKeep(name: string, args: Record<string, unknown>, keepalive = false): Promise<boolean> {
  const entry = { name, args };
  try {
    await command(name, args, keepalive);
    keep(waiting().filter((other) => place(other) !== place(entry)));
    return true;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    keep([...waiting().filter((other) => place(other) !== place(entry)), entry]);
    listener(t("common.waits"), false);
    later();
    return false;
  }
}

function later(): void {
  clearTimeout(timer);
  timer = setTimeout(() => void sendWaiting(), RETRY_MS);
}

async function sendWaiting(): Promise<void> {
  if (sending) return;
  sending = true;
  let sent = 0;
  try {
    for (;;) {
      const [entry] = waiting();
      if (!entry) break;
      try {
        await command(entry.name, entry.args);
        sent++;
      } catch (error) {
        if (error instanceof UnreachableError) {
          later();
          return;
        }
        if (!(error instanceof ApiError)) throw error;
        listener(t("common.try_again", { words: error.message }), true);
      }
      keep(waiting().filter((other) => place(other) !== place(entry)));
    }
  } finally {
    sending = false;
  }
  if (sent) listener(t("common.sent_later"), true);
}

/** A text that is kept while it is written: soon after the last key, when the field is left, and when the page goes away. */
export function keptText(area: HTMLTextAreaElement, name: string, args: Record<string, unknown>, told: (words: string) => void): () => void {
  let kept = area.value;
  let soon = 0;
  const save = (keepalive = false): void => {
    clearTimeout(soon);
    if (area.value === kept) return;
    kept = area.value;
    commandOrKeep(name, { ...args, text: area.value }, keepalive).then(
      (taken) => told(taken ? t("common.saved") : t("common.waits")),
      (error: unknown) => told(t("common.try_again", { words: error instanceof Error ? error.message : "" })),
    );
  };
  area.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => save(), 900);
  });
  area.addEventListener("change", () => save());
  const leaving = (): void => save(true);
  addEventListener("pagehide", leaving);
  return () => {
    save(true);
    removeEventListener("pagehide", leaving);
  };
}
