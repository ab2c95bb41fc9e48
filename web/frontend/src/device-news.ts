// What every device is told: that one was let in or shown out, or that one asks for something somebody at the mat has to allow.

import { has, t } from "./core";
import type { StationEvent } from "./messages";
import { toast } from "./toast";

/** `seen`: the page has had a state before.  What comes earlier is the past that a fresh page is told, and no news. */
export function deviceNews(event: StationEvent["event"], seen: boolean): void {
  if (!seen) return;
  if (event.type === "device") {
    toast(t(`common.device_${String(event["change"])}`, { name: String(event["name"]) }));
  } else if (event.type === "confirm") {
    const asked = `common.confirm_${String(event["command"])}`;
    const words = t(has(asked) ? asked : "common.confirm_other");
    toast(event["confirmed"] ? t("common.confirmed", { words }) : t("common.asks", { words }));
  }
}
