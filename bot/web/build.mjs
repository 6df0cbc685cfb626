// Builds what is committed in bot/gateway/static: the chat page's script and style, and the loader for other sites.
import { build } from "esbuild";

const shared = {
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "none",
  target: ["chrome93", "firefox95", "safari15.4"],
  logLevel: "warning",
};
const out = "../gateway/static";

await Promise.all([
  build({ ...shared, entryPoints: ["src/chat.ts"], format: "esm", outfile: `${out}/chat.js` }),
  build({ ...shared, entryPoints: ["styles/chat.css"], outfile: `${out}/chat.css` }),
  build({ ...shared, entryPoints: ["src/loader.ts"], format: "iife", outfile: `${out}/widget.js` }),
]);
