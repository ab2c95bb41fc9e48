// Bundles the pages' scripts and styles into ../static/built, with hashed names (so that browsers may keep them for ever), a gzipped
// twin of each (the Pi compresses nothing while a session runs) and manifest.json, by which the templates find them.
import { build } from "esbuild";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = join(here, "..", "static", "built");
const pages = readdirSync(join(here, "src")).filter((name) => name.startsWith("page-") && name.endsWith(".ts"));

rmSync(out, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [...pages.map((name) => join(here, "src", name)), join(here, "src", "app.css")],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: ["safari15", "chrome90", "firefox90"],
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [path, output] of Object.entries(metafile.outputs)) {
  if (!output.entryPoint) continue;
  const parts = output.imports.filter((part) => part.kind === "import-statement").map((part) => basename(part.path));
  const name = basename(output.entryPoint).replace(/\.ts$/, "");
  manifest[name] = { file: basename(path), parts, css: output.cssBundle ? basename(output.cssBundle) : null };
}
for (const name of readdirSync(out)) {
  if (/\.(js|css)$/.test(name)) writeFileSync(join(out, `${name}.gz`), gzipSync(readFileSync(join(out, name)), { level: 9 }));
}
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 1));
