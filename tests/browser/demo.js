// The demo, as somebody starts it.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const BIN = process.env.EPHEMINT_BIN ?? new URL("../../target/debug/", import.meta.url).pathname;

/** Runs it until `stop()`; `base` is the address that it names. */
export async function demo() {
  const folder = mkdtempSync(join(tmpdir(), "ephemint-browser-"));
  const child = spawn(join(BIN, "ephemint"), ["demo", "--port", "0"], { cwd: folder, env: { TMPDIR: folder }, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const base = await new Promise((found) => lines.on("line", (line) => /Open (\S+)/.test(line) && found(/Open (\S+)/.exec(line)[1])));
  const ended = new Promise((done) => child.once("exit", done));
  return {
    base,
    async stop() {
      child.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
