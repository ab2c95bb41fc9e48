// The body outline: each zone a disc whose area is its load, inside a ring that is its load at rest.

import { elements } from "./core";
import type { LiveLimb, PlacementView, ZoneState } from "./messages";

type Phase = LiveLimb["phase"];

const RING = 5.4;
const MOST = 2.2;

interface Spot {
  group: SVGGElement;
  load: SVGCircleElement;
  way: SVGPathElement | null;
  left: boolean;
  limbs: string[];
  shown: string;
}

/** Turn of the arrow, which points to the head, for each way to slide; out and in are seen from the body's middle line. */
function turn(towards: string, left: boolean): number {
  const ways: Record<string, number> = { head: 0, right: 90, feet: 180, left: 270, out: left ? 270 : 90, in: left ? 90 : 270 };
  return ways[towards] ?? 0;
}

export class Body {
  private readonly spots = new Map<string, Spot>();

  constructor(figure: ParentNode) {
    for (const group of elements<SVGGElement>(".spot", figure)) {
      const load = group.querySelector<SVGCircleElement>(".load");
      const limbs = (group.dataset["limbs"] ?? "").split(" ").filter(Boolean);
      const way = group.querySelector<SVGPathElement>(".way");
      const left = (group.getAttribute("transform") ?? "").startsWith("translate(-");
      if (load) this.spots.set(group.dataset["zone"] ?? "", { group, load, way, left, limbs, shown: "" });
    }
  }

  show(zones: Record<string, ZoneState>, limbs: LiveLimb[], placement: PlacementView | null = null): void {
    const phases = new Map<string, Phase>(limbs.map((limb) => [limb.limb, limb.phase]));
    for (const [name, spot] of this.spots) {
      const zone = zones[name];
      const load = zone?.load ?? 0;
      const radius = (RING * Math.sqrt(Math.min(Math.max(load, 0), MOST))).toFixed(2);
      const phase = spot.limbs.map((limb) => phases.get(limb)).find((found) => found && found !== "rest") ?? "rest";
      const faulty = Boolean(zone?.fault);
      const light = placement?.light.includes(name) ?? false;
      const advice = placement?.advice;
      const way = advice?.zones.includes(name) ? advice.towards : "";
      const holds = advice?.load_at === name;
      const shown = `${radius} ${phase} ${faulty} ${light} ${way} ${holds}`;
      if (shown === spot.shown) continue;
      spot.shown = shown;
      spot.load.setAttribute("r", radius);
      spot.group.dataset["phase"] = phase;
      spot.group.classList.toggle("faulty", faulty);
      spot.group.classList.toggle("light", light);
      spot.group.classList.toggle("holds", holds);
      spot.group.classList.toggle("asked-way", way !== "");
      if (way) spot.way?.setAttribute("transform", `rotate(${turn(way, spot.left)})`);
    }
  }
}
