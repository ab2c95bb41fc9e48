// The print view: the trace once, as wide as the paper, in the light theme.

import { element, pageData } from "./core";
import { fetchPoints, type Lane, type Overviewed, TracePlot } from "./trace";

interface SessionData {
  id: number;
  started_s: number;
  limbs: Lane[];
}

const session = pageData<SessionData>();
document.documentElement.dataset["theme"] = "light";
document.documentElement.classList.add("scripted");
element("#print").addEventListener("click", () => print());

async function draw(): Promise<void> {
  const points = await fetchPoints(session.id, "pixels=1000");
  if (!points.t_s.length) return;
  const plot = new TracePlot(element("#plot"), session.id, session.started_s, session.limbs, points, () => undefined);
  plot.setLifts(JSON.parse(element("#lifts").textContent ?? "[]") as Overviewed[]);
}

void draw();
