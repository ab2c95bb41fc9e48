// The phases' colours as the theme has them, and a pattern each, so that they differ for every eye and on grey paper.

export type Phase = "rest" | "prepare" | "aloft" | "melt";

const TILE_PX = 8;
const made = new Map<string, CanvasPattern | null>();

/** `#rrggbb` of a phase in the present theme. */
export function phaseColour(phase: Phase): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${phase}`).trim();
}

/** Prepare: lines that rise.  Melt: dots.  Aloft and rest: plain. */
export function hatch(ctx: CanvasRenderingContext2D, phase: Phase): CanvasPattern | null {
  if (phase !== "prepare" && phase !== "melt") return null;
  const colour = phaseColour(phase);
  const key = `${phase} ${colour} ${devicePixelRatio}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const size = Math.round(TILE_PX * devicePixelRatio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  if (!pen) return null;
  pen.strokeStyle = pen.fillStyle = colour;
  if (phase === "prepare") {
    pen.lineWidth = 1.5 * devicePixelRatio;
    for (const shift of [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(shift - 1, size + 1);
      pen.lineTo(shift + size + 1, -1);
      pen.stroke();
    }
  } else {
    pen.beginPath();
    pen.arc(size / 2, size / 2, 1.5 * devicePixelRatio, 0, 2 * Math.PI);
    pen.fill();
  }
  const pattern = ctx.createPattern(tile, "repeat");
  made.set(key, pattern);
  return pattern;
}
