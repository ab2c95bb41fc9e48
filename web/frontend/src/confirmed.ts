// Commands that somebody at the mat confirms first: ask, say what to do, and ask again until it was done or a minute has passed.

import { t } from "./core";

const ASK_AGAIN_MS = 2000;
const PATIENCE_MS = 60_000;

/** The station's answer, or null when it declined; `tell` shows what there is to do or what went wrong. */
export async function askUntilConfirmed(
  path: string,
  content: object,
  tell: (words: string) => void,
): Promise<Record<string, unknown> | null> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    let answer: Response;
    try {
      const headers = { "Content-Type": "application/json", Accept: "application/json" };
      answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(content) });
    } catch (error) {
      tell(t("common.try_again", { words: String(error) }));
      return null;
    }
    const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    if (answer.ok) return body;
    tell(String(body["error"] ?? answer.statusText));
    if (body["code"] !== "confirm" || performance.now() > until) return null;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}
