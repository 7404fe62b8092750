import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const client = here("..");
let folder: string;
let packed: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ephemint-package-"));
  const pack = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: client });
  const [{ filename, files }] = JSON.parse(pack.stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map(({ path }) => path);
  writeFileSync(join(folder, "package.json"), '{"private": true, "type": "module"}');
  // Nothing has to be fetched: it depends on nothing.
  await run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", join(folder, filename)], {
    cwd: folder,
  });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("has what it needs, and nothing else", () => {
  const expected = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "dist/index.d.ts",
    "dist/index.js",
    "dist/react.js",
    "package.json",
  ];
  expect(packed).toEqual(expect.arrayContaining(expected));
  expect(packed.filter((path) => !expected.includes(path) && !/^dist\/\w+\.d\.ts$/.test(path))).toEqual([]);
  for (const license of ["LICENSE-APACHE", "LICENSE-MIT"]) {
    expect(readFileSync(join(client, license), "utf8")).toBe(readFileSync(join(client, "..", license), "utf8"));
  }
});

it("is one file without dependencies, and a hook that shares it", () => {
  const imports = (name: string) =>
    [...readFileSync(join(client, "dist", name), "utf8").matchAll(/(?:from|import)\s*"([^"]+)"/g)].map(([, from]) => from);
  expect(imports("index.js")).toEqual([]);
  expect(imports("react.js").sort()).toEqual(["./index.js", "react"]);
});

it("can be imported, also where there is no browser", async () => {
  const program = 'console.log(Object.keys(await import("@ephemint/client")).sort().join())';
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder });
  expect(stdout.trim()).toBe("Account,ProblemError,Session,SessionError,connect,microphones,speakers");
});

it("has types that tell events apart", async () => {
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  const paths = { react: [here("../node_modules/@types/react")] };
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
    const compilerOptions = { ...strict, noEmit: true, target: "es2022", types: [], module, moduleResolution, paths };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["program.ts"] }));
    const tsc = run(process.execPath, [here("../node_modules/typescript/bin/tsc")], { cwd: folder });
    expect(
      await tsc.then(
        () => "",
        (error: { stdout?: string }) => error.stdout ?? String(error),
      ),
    ).toBe("");
  }
});

const PROGRAM = `
import { Account, connect, Session, SessionError, type Ended, type OtherServerEvent, type Reason } from "@ephemint/client";
import { useSession } from "@ephemint/client/react";

const session: Session = await connect({ endpoint: "/v1/realtime/client_secrets", getJwt: async () => "jwt", language: "es" });
const off: () => void = session.on("event", (event) => {
  switch (event.type) {
    case "response.output_audio_transcript.delta": {
      const delta: string = event.delta;
      return delta;
    }
    case "response.done":
      return event.response.usage;
    case "error": {
      const message: string = event.error.message;
      return message;
    }
    default:
      return (event.type as string) === "of.a.later.day" ? (event as OtherServerEvent).whatever : event.type;
  }
});
session.on("ended", ({ reason, message, retryAfter }: Ended) => [reason satisfies Reason, message, retryAfter]);
session.on("state", (state) => state === "live");
// @ts-expect-error There is no such event.
session.on("whatever", () => {});
// @ts-expect-error There is no such state.
session.on("state", (state) => state === "lively");
session.send({ type: "conversation.item.create", item: { type: "message" } });
session.send({ type: "of.a.later.day", whatever: 1 });
// @ts-expect-error It has no type.
session.send({ item: {} });
// @ts-expect-error The token is nobody's to read.
session.minted?.value;
// @ts-expect-error There is no JWT.
new Session({ endpoint: "/" });
const me = new Account({ base: "", getJwt: () => "jwt" });
const left: number = (await me.usage()).rate_limit.remaining;
const state: "valid" | string = (await me.keys.validate("openai")).state;
// @ts-expect-error There is no such setting.
await me.settings.put({ mood: "merry" });
try {
  await session.start();
} catch (error) {
  if (error instanceof SessionError) console.log(error.ended.message);
}
const useVoice = () => useSession({ endpoint: "/", getJwt: () => "jwt" }).ended?.reason;
console.log(off, left, state, useVoice);
`;
