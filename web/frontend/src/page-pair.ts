// The pairing page: six digits, or a link whose secret stands behind the # (browsers send that part to nobody).

import { ApiError, element, post, t, write } from "./core";

const form = element<HTMLFormElement>("#pair");
const code = element<HTMLInputElement>("#code");
const answer = element("#answer");

/** An iPad calls itself a Mac, but no Mac has a touch screen; for the rest the server reads the browser's own words. */
function ownName(): string {
  const iPad = /Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;
  return iPad ? `iPad, ${/CriOS/.test(navigator.userAgent) ? "Chrome" : "Safari"}` : "";
}

async function show(what: { code?: string; secret?: string }): Promise<void> {
  write(answer, t("pair.asking"));
  try {
    await post("/api/v1/pair", { ...what, name: ownName() });
    location.replace("/");
  } catch (error) {
    const reason = error instanceof ApiError ? error.message : "unreachable";
    write(answer, t(reason === "wrong" || reason === "closed" ? `pair.${reason}` : "pair.unreachable"));
    code.select();
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void show({ code: code.value.replace(/\s/g, "") });
});

// Also when the link is opened while this page is already there: then only the part behind the # changes.
function secretFromAddress(): void {
  const secret = location.hash.slice(1);
  if (!secret) return;
  history.replaceState(null, "", location.pathname);
  void show({ secret });
}

addEventListener("hashchange", secretFromAddress);
secretFromAddress();
