import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Account } from "../src/index.js";

interface Schema {
  $ref?: string;
  const?: unknown;
  enum?: unknown[];
  oneOf?: Schema[];
  type?: string | string[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const openapi = parse(readFileSync(here("../../openapi.yaml"), "utf8")) as {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, Schema> };
};

/** The schema in TypeScript. */
function typeOf(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split("/").at(-1)!;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.oneOf && !schema.properties) return schema.oneOf.map(typeOf).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(" | ");
  switch (schema.type) {
    case "array":
      return `(${typeOf(schema.items ?? {})})[]`;
    case "integer":
      return "number";
    case "object":
      return schema.properties ? objectOf(schema) : "Record<string, unknown>";
    case undefined:
      return objectOf(schema);
    default:
      return schema.type;
  }
}

function objectOf({ properties = {}, required = [] }: Schema): string {
  const members = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema)};`,
  );
  return `{ ${members.join(" ")} }`;
}

/** Under what name the library has a schema, where it is another one. */
const NAMES: Record<string, string> = { Session: "MintedSession" };

const ANSWERS = ["ClientSecret", "Usage", "ProviderKeys", "ShownSettings", "Preview"];
const REQUESTS = ["SessionRequest", "Settings", "PreviewRequest"];
const PARTS = ["RateLimit", "RecentMint", "ProviderKey", "Tool", "OpenServer", "NotInForce", "Setting", "Session"];

describe("the types of the service", () => {
  it("are those of openapi.yaml, member for member", async () => {
    const { schemas } = openapi.components;
    // A JSON Schema of an object may have any members, which TypeScript can't say of this one: a tool's are as good.
    const api = Object.entries({ ...schemas, OwnFunction: schemas.Tool! })
      .filter(([, schema]) => !JSON.stringify(schema).includes("allOf"))
      .map(([name, schema]) => `  export type ${name} = ${typeOf(schema)};`);
    const checks = [...ANSWERS, ...REQUESTS, ...PARTS].map(
      (name) => `export const ${name}: Same<Own.${NAMES[name] ?? name}, Api.${name}> = true;`,
    );
    const source = [
      `import type * as Own from ${JSON.stringify(here("../src/service.js"))};`,
      `declare namespace Api {\n${api.join("\n")}\n}`,
      "type Plain<T> = T extends object ? { [K in keyof T]: Plain<T[K]> } : T;",
      "type Is<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;",
      "type Same<A, B> = Is<Plain<A>, Plain<B>>;",
      ...checks,
    ].join("\n");
    expect(await compile(source)).toBe("");
  });

  it("knows the members of a request for a token", () => {
    const { properties = {} } = openapi.components.schemas.ClientSecretRequest!;
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(["role", "language", "session"]));
  });
});

describe("the account", () => {
  it("asks for what there is, by the method that it takes", async () => {
    const asked: [string, string][] = [];
    const ask = (async (url: string, { method }: { method: string }) => {
      asked.push([url.replace(/\?.*/, "").replace("/any", "/{provider}"), method.toLowerCase()]);
      return Response.json({});
    }) as unknown as typeof fetch;
    const me = new Account({ base: "", getJwt: () => "jwt", fetch: ask });
    await me.usage();
    await Promise.all([me.keys.list(), me.keys.put("any", "key"), me.keys.validate("any"), me.keys.remove("any")]);
    await Promise.all([me.settings.get("any"), me.settings.put({}), me.settings.remove(), me.settings.preview()]);
    for (const [path, method] of asked) expect(Object.keys(openapi.paths[path] ?? {}), path).toContain(method);
    const there = Object.keys(openapi.paths).filter((path) => path.startsWith("/v1/me/"));
    expect([...new Set(asked.map(([path]) => path))].sort()).toEqual(there.sort());
  });
});

/** What the compiler has to say. */
async function compile(source: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "ephemint-contract-"));
  try {
    const file = join(folder, "contract.ts");
    writeFileSync(file, source);
    const flags = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--skipLibCheck", "--types", ""];
    const shape = ["--ignoreConfig", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"];
    const tsc = here("../node_modules/typescript/bin/tsc");
    await promisify(execFile)(process.execPath, [tsc, ...flags, ...shape, file], { cwd: folder });
    return "";
  } catch (error) {
    return String((error as { stdout?: string }).stdout || error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
