// A newer version in Setup: which one runs, whether one lies on the stick, and its installation.

import { askUntilConfirmed } from "./confirmed";
import { element, noticeText, t, write } from "./core";
import type { Notice } from "./messages";

/** Shows what the station says of updates. */
export function showUpdates(): (notices: readonly Notice[]) => void {
  const line = element("#update-state");
  const button = element<HTMLButtonElement>("#update");
  let offered = "";
  let asking = false;

  button.addEventListener("click", async () => {
    if (!confirm(t("setup.update_sure", { version: offered }))) return;
    asking = true;
    button.disabled = true;
    await askUntilConfirmed("/api/v1/commands/update_install", {}, (words) => write(line, words));
    asking = button.disabled = false;
  });

  return (notices) => {
    const mine = notices.filter(({ code }) => code.startsWith("update_"));
    offered = String(mine.find(({ code }) => code === "update_ready")?.params?.["version"] ?? "");
    button.hidden = offered === "";
    if (asking) return;
    write(button, t("setup.update", { version: offered }));
    write(line, mine.map(noticeText).join(" ") || t("setup.version_newest"));
  };
}
