// node scripts/build.js FOLDER: what the package publishes. The same sources give the same bytes.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";

if (!process.argv[2]) {
  console.error("usage: node scripts/build.js FOLDER");
  process.exit(2);
}
const folder = resolve(process.argv[2]);

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(folder, { recursive: true, force: true });

const shape = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minify: true,
};
await build({ ...shape, entryPoints: ["src/index.ts"], outfile: `${folder}/index.js` });
// Whoever uses the hook has the core already, and once.
await build({ ...shape, entryPoints: ["src/react.ts"], outfile: `${folder}/react.js`, external: ["react", "./index.js"] });

const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
execFileSync(process.execPath, [tsc, "--project", root, "--declaration", "--emitDeclarationOnly", "--outDir", folder], {
  stdio: "inherit",
});

// Types that nothing published speaks of are left out.
const spokenOf = new Set();
const follow = (name) => {
  if (spokenOf.has(name)) return;
  spokenOf.add(name);
  for (const [, next] of readFileSync(join(folder, name), "utf8").matchAll(/ from "\.\/(\w+)\.js"/g)) follow(`${next}.d.ts`);
};
follow("index.d.ts");
follow("react.d.ts");
for (const name of readdirSync(folder)) if (name.endsWith(".d.ts") && !spokenOf.has(name)) rmSync(join(folder, name));
