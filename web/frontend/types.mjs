// Types of the station's messages: messages.schema.json (made from Python) -> src/messages.ts.  `npm run types`
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const text = readFileSync("messages.schema.json", "utf8");
const hash = createHash("sha256").update(text).digest("hex");
const types = await compile(JSON.parse(text), "Messages", {
  bannerComment: `// Made from messages.schema.json by \`npm run types\`; do not edit.\n// schema sha256: ${hash}`,
  unreachableDefinitions: true,
  additionalProperties: false,
  style: { printWidth: 132 },
});
const referenced = /\n \*\n \* This interface was referenced by[^]*?(?=\n \*\/)/g;
const alone = /\/\*\*\n \* This interface was referenced by[^]*?\*\/\n/g;
writeFileSync("src/messages.ts", types.replace(referenced, "").replace(alone, "").replace("export interface Messages {}\n", ""));
