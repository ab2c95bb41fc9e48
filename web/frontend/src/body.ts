// The body outline: each zone a disc whose area is its load, inside a ring that is its load at rest.

import { elements } from "./core";
import type { LiveLimb, ZoneState } from "./messages";

type Phase = LiveLimb["phase"];

const RING = 5.4;
const MOST = 2.2;

interface Spot {
  group: SVGGElement;
  load: SVGCircleElement;
  limbs: string[];
  shown: string;
}

export class Body {
  private readonly spots = new Map<string, Spot>();

  constructor(figure: ParentNode) {
    for (const group of elements<SVGGElement>(".spot", figure)) {
      const load = group.querySelector<SVGCircleElement>(".load");
      const limbs = (group.dataset["limbs"] ?? "").split(" ").filter(Boolean);
      if (load) this.spots.set(group.dataset["zone"] ?? "", { group, load, limbs, shown: "" });
    }
  }

  show(zones: Record<string, ZoneState>, limbs: LiveLimb[]): void {
    const phases = new Map<string, Phase>(limbs.map((limb) => [limb.limb, limb.phase]));
    for (const [name, spot] of this.spots) {
      const zone = zones[name];
      const load = zone?.load ?? 0;
      const radius = (RING * Math.sqrt(Math.min(Math.max(load, 0), MOST))).toFixed(2);
      const phase = spot.limbs.map((limb) => phases.get(limb)).find((found) => found && found !== "rest") ?? "rest";
      const faulty = Boolean(zone?.fault);
      const shown = `${radius} ${phase} ${faulty}`;
      if (shown === spot.shown) continue;
      spot.shown = shown;
      spot.load.setAttribute("r", radius);
      spot.group.dataset["phase"] = phase;
      spot.group.classList.toggle("faulty", faulty);
    }
  }
}
