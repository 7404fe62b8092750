import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../src/http/pages/me/", import.meta.url);
const text = (name) => readFileSync(new URL(name, FOLDER), "utf8");

/** A module of the page, which is none of node's. */
const words = async (name) => (await import(`data:text/javascript,${encodeURIComponent(text(name))}`)).default;

test("both languages say the same, and no text is missing or idle", async () => {
  const [en, es] = [await words("en.js"), await words("es.js")];
  // Only what the service says in English needs words for its codes.
  const spoken = (language) => Object.keys(language).filter((key) => !key.startsWith("code.")).sort();
  assert.deepEqual(spoken(es), spoken(en));
  const names = (said) => [...said.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const key of spoken(en)) assert.deepEqual(names(es[key]), names(en[key]), key);

  const sources = readdirSync(FOLDER).filter((name) => !/^e[ns]\.js$/.test(name)).map(text).join("\n");
  const used = [...sources.matchAll(/\bt\("([^"]+)"|data-t="([^"]+)"|"((?:keys|settings|use)\.[\w.-]+)"/g)].map((found) => found[1] ?? found[2] ?? found[3]);
  assert.deepEqual([...new Set(used)].filter((key) => !(key in en)), [], "texts that are missing");
  const made = /^(name|theme|state|advice|outcome|preview|keys|settings|code)\b/;
  assert.deepEqual(spoken(en).filter((key) => !used.includes(key) && !made.test(key)), [], "texts that nobody says");
});
