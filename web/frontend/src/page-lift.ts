// A lift as a page of its own: its address was opened directly, or the page was loaded anew.

import { element } from "./core";
import { LiftLayer } from "./lift-layer";
import { watchOutbox } from "./outbox";
import { toast } from "./toast";

document.documentElement.classList.add("scripted");
const layer = element("#lift-layer");
watchOutbox(toast);
new LiftLayer(
  layer,
  { changed: () => undefined, say: toast, opened: () => undefined, closed: () => undefined },
  element<HTMLAnchorElement>("[data-lift-close]", layer).pathname,
);
