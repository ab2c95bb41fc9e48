// Backups in Setup: when the last one was made, and what is wrong with their folder.

import { element, language, noticeText, t, write } from "./core";
import type { Notice } from "./messages";
import { tryCommand } from "./settings";
import { toast } from "./toast";

interface Last {
  wall_s?: number;
  size_mb?: number;
}

/** Shows the state of the backups.  made: one was made; notices: what the station says of them. */
export function showBackups(): { made: (last: unknown) => void; notices: (notices: readonly Notice[]) => void } {
  const line = element("#backup-state");
  let last = JSON.parse(line.dataset["last"] ?? "{}") as Last;
  let wrong = "";

  function show(): void {
    const size = (last.size_mb ?? 0).toLocaleString(language);
    const made =
      last.wall_s === undefined
        ? t("setup.backup_none")
        : t("setup.backup_last", { when: new Date(last.wall_s * 1000).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" }), size });
    write(line, [made, wrong].filter(Boolean).join(" "));
  }

  element("#backup-now").addEventListener("click", () => {
    void tryCommand("backup_now").then((taken) => {
      if (taken) toast(t("setup.backup_started"));
    });
  });
  show();
  return {
    made: (value) => {
      last = value as Last;
      show();
    },
    notices: (notices) => {
      wrong = notices.filter(({ code }) => code.startsWith("backup_")).map(noticeText).join(" ");
      show();
    },
  };
}
