// The paired devices: their roles, showing one out, letting another in.  What reaches further is confirmed at the mat first.

import { askUntilConfirmed } from "./confirmed";
import { element, elements, language, t, write } from "./core";

const offer = element("#offer");
const qr = element("#qr");
const openNetwork = element<HTMLButtonElement>("#open-network");

interface Invitation {
  code: string | null;
  address: string | null;
  qr: string | null;
}

for (const time of elements<HTMLTimeElement>("[data-day]")) {
  time.textContent = new Date(`${time.dateTime}T12:00:00`).toLocaleDateString(language, { dateStyle: "medium" });
}

for (const button of elements<HTMLButtonElement>("[data-device]")) {
  button.addEventListener("click", async () => {
    if (!confirm(t("devices.sure", { name: button.dataset["name"] ?? "" }))) return;
    if (await ask("/api/v1/devices/revoke", { device: Number(button.dataset["device"]) })) location.reload();
  });
}

for (const select of elements<HTMLSelectElement>("[data-role]")) {
  const before = select.value;
  select.addEventListener("change", async () => {
    const done = await ask("/api/v1/devices/change", { device: Number(select.dataset["role"]), role: select.value });
    if (!done) select.value = before;
    else tell(t("devices.changed"));
  });
}

element("#invite").addEventListener("click", async () => {
  const answer = await ask("/api/v1/devices/invite", { role: element<HTMLSelectElement>("#invite-role").value });
  if (!answer) return;
  const { code, address, qr: drawn } = answer as unknown as Invitation;
  const digits = code ? `${code.slice(0, 3)} ${code.slice(3)}` : "";
  tell(address ? t("devices.offer", { code: digits, address }) : t("devices.offer_here", { code: digits }));
  openNetwork.hidden = address !== null;
  qr.replaceChildren();
  qr.hidden = drawn === null;
  if (drawn) qr.append(document.importNode(new DOMParser().parseFromString(drawn, "image/svg+xml").documentElement, true));
});

openNetwork.addEventListener("click", async () => {
  if (await ask("/api/v1/devices/open-network", {})) tell(t("devices.opened"));
});

function ask(path: string, content: object): Promise<Record<string, unknown> | null> {
  return askUntilConfirmed(path, content, tell);
}

function tell(words: string): void {
  offer.hidden = false;
  write(offer, words);
}
