// The melts of one limb laid over each other, from touch-down on: later ones drawn stronger.

import uPlot from "uplot";
import { element, get, named, t } from "./core";

interface Curve {
  repetition: number;
  limb: string;
  lift_id: number;
  melt_s: number | null;
  after_s: number[];
  share: (number | null)[];
}

const STEP_S = 0.05;
const HEIGHT_PX = 300;

export async function meltView(session: number): Promise<void> {
  const curves = (await (await get(`/api/v1/sessions/${session}/melts`)).json()) as Curve[];
  const limbs = [...new Set(curves.map((curve) => curve.limb))];
  const root = element("#melts");
  const chooser = element("#melt-limbs");
  chooser.replaceChildren();
  let plot: uPlot | null = null;
  const show = (limb: string): void => {
    for (const button of chooser.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset["limb"] === limb));
    plot?.destroy();
    root.replaceChildren();
    plot = draw(root, curves.filter((curve) => curve.limb === limb));
  };
  for (const limb of limbs) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "choice";
    button.dataset["limb"] = limb;
    button.textContent = named("limb", limb);
    button.addEventListener("click", () => show(limb));
    chooser.append(button);
  }
  if (limbs[0]) show(limbs[0]);
  new ResizeObserver(() => plot?.setSize({ width: root.clientWidth, height: HEIGHT_PX })).observe(root);
}

function draw(root: HTMLElement, curves: Curve[]): uPlot {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const longest = Math.max(4, ...curves.map((curve) => (curve.melt_s ?? 0) + 3));
  const n = Math.round((longest + 1) / STEP_S) + 1;
  const x = Array.from({ length: n }, (_, i) => -1 + i * STEP_S);
  const font = `15px ${style.getPropertyValue("--font")}`;
  const grid = { stroke: colour("--line"), width: 1 };
  const strength = (index: number): number => (curves.length < 2 ? 1 : 0.3 + (0.7 * index) / (curves.length - 1));
  return new uPlot(
    {
      width: root.clientWidth,
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: [-1, longest] }, y: { range: [0, 1.25] } },
      axes: [
        { stroke: colour("--ink-soft"), font, grid, ticks: { show: false }, size: 40, values: (_, at) => at.map((s) => t("review.after", { n: s })) },
        { stroke: colour("--ink-soft"), font, grid, ticks: { show: false }, size: 56, values: (_, at) => at.map((share) => `${Math.round(share * 100)} %`) },
      ],
      series: [
        {},
        ...curves.map((_, index) => ({ stroke: colour("--melt"), alpha: strength(index), width: index === curves.length - 1 ? 3 : 2, points: { show: false } })),
      ],
      hooks: {
        draw: [
          (plot) => {
            const { ctx } = plot;
            ctx.save();
            ctx.font = `${15 * devicePixelRatio}px ${style.getPropertyValue("--font")}`;
            ctx.textAlign = "center";
            curves.forEach((curve, index) => {
              if (curve.melt_s === null) return;
              const left = plot.valToPos(curve.melt_s, "x", true);
              const at = plot.valToPos(valueAt(curve, curve.melt_s) ?? 1, "y", true);
              ctx.globalAlpha = Math.max(0.55, strength(index));
              ctx.fillStyle = colour("--melt");
              ctx.beginPath();
              ctx.arc(left, at, 5 * devicePixelRatio, 0, 2 * Math.PI);
              ctx.fill();
              ctx.fillStyle = colour("--ink");
              ctx.fillText(String(curve.repetition), left, at - 12 * devicePixelRatio);
            });
            ctx.restore();
          },
        ],
      },
    },
    [x, ...curves.map((curve) => x.map((at) => valueAt(curve, at)))] as uPlot.AlignedData,
    root,
  );
}

function valueAt(curve: Curve, at: number): number | null {
  const { after_s, share } = curve;
  let low = 0;
  let high = after_s.length - 1;
  if (high < 1 || at < (after_s[0] as number) || at > (after_s[high] as number)) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((after_s[middle] as number) <= at) low = middle;
    else high = middle;
  }
  const [a, b] = [share[low] ?? null, share[high] ?? null];
  if (a === null || b === null) return null;
  const span = (after_s[high] as number) - (after_s[low] as number);
  return span > 0 ? a + ((b - a) * (at - (after_s[low] as number))) / span : a;
}
