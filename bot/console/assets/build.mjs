// Builds what is committed in bot/console/static.
import { writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { compile } from "sass";

const out = "../static";
await build({
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "none",
  format: "esm",
  target: ["chrome93", "firefox95", "safari15.4"],
  entryPoints: ["console.js"],
  outfile: `${out}/console.js`,
  logLevel: "warning",
});
const { css } = compile("console.scss", { loadPaths: [".", "node_modules"], style: "compressed", quietDeps: true });
await writeFile(`${out}/console.css`, css);
