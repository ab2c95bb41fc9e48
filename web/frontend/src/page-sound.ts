// Sound: which, how loud, from where; and each one to listen to.

import { element, elements, t } from "./core";
import { settingControls } from "./settings";
import { Sounder } from "./sound";
import { toast } from "./toast";

const here = element<HTMLInputElement>("#here");
const volume = element<HTMLInputElement>("#volume");
const sounder = new Sounder(() => {
  here.checked = sounder.wanted;
});
here.checked = sounder.wanted;
here.addEventListener("change", () => {
  sounder.wanted = here.checked;
  toast(t("common.saved"));
});
const shakes = element<HTMLInputElement>("#shakes");
element("#shakes-row").hidden = !sounder.canShake;
shakes.checked = sounder.shakes;
shakes.addEventListener("change", () => {
  sounder.shakes = shakes.checked;
  toast(t("common.saved"));
});
settingControls();

function chosenSet(): string {
  return elements<HTMLButtonElement>('[data-setting="sound.set"]').find((one) => one.getAttribute("aria-pressed") === "true")?.dataset["value"] ?? "bowl";
}

for (const button of elements<HTMLButtonElement>("[data-play]")) {
  button.addEventListener("click", () => {
    sounder.use(chosenSet());
    void sounder.demonstrate(button.dataset["play"] ?? "", Number(volume.value));
  });
}
