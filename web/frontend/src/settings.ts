// Controls that are settings: each change goes to the station, which keeps it and may decline.

import { command, elements, t } from "./core";
import { toast } from "./toast";

/** Give a command; say so when it was declined.  Whether it was taken. */
export async function tryCommand(name: string, args: object = {}): Promise<boolean> {
  try {
    await command(name, args);
    return true;
  } catch (error) {
    toast(t("common.try_again", { words: error instanceof Error ? error.message : "" }));
    return false;
  }
}

async function set(key: string, value: unknown): Promise<boolean> {
  const taken = await tryCommand("setting_set", { key, value });
  if (taken) toast(t("common.saved"));
  return taken;
}

export function settingControls(): void {
  for (const control of elements<HTMLElement>("[data-setting]")) {
    const key = control.dataset["setting"] ?? "";
    if (control instanceof HTMLButtonElement) {
      control.addEventListener("click", () => {
        const json = control.dataset["json"];
        void set(key, json === undefined ? control.dataset["value"] : JSON.parse(json)).then((taken) => {
          if (!taken) return;
          for (const other of elements(`[data-setting="${key}"]`)) other.setAttribute("aria-pressed", String(other === control));
        });
      });
    } else {
      control.addEventListener("change", () => {
        const input = control as HTMLInputElement | HTMLSelectElement;
        if (input instanceof HTMLInputElement && input.type === "checkbox") {
          void set(key, input.checked).then((taken) => {
            if (!taken) input.checked = !input.checked;
          });
        } else if (input instanceof HTMLInputElement) {
          if (!input.reportValidity()) return;
          const value = input.type === "number" ? Number(input.value) : input.value.trim();
          void set(key, input.value.trim() === "" ? null : value);
        } else void set(key, input.value);
      });
    }
  }
}
