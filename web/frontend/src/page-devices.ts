// The paired devices: show one out, let another one in.

import { ApiError, element, elements, post, t, write } from "./core";

const offer = element("#offer");

for (const button of elements<HTMLButtonElement>("[data-device]")) {
  button.addEventListener("click", async () => {
    if (!confirm(t("devices.sure", { name: button.dataset["name"] ?? "" }))) return;
    try {
      await post("/api/v1/devices/revoke", { device: Number(button.dataset["device"]) });
      location.reload();
    } catch (error) {
      tell(error);
    }
  });
}

element("#invite").addEventListener("click", async () => {
  try {
    const { code } = (await (await post("/api/v1/devices/invite", {})).json()) as { code: string };
    offer.hidden = false;
    write(offer, t("devices.offer", { code: `${code.slice(0, 3)} ${code.slice(3)}`, address: `${location.origin}/pair` }));
  } catch (error) {
    tell(error);
  }
});

function tell(error: unknown): void {
  offer.hidden = false;
  write(offer, t("common.try_again", { words: error instanceof ApiError ? error.message : String(error) }));
}
