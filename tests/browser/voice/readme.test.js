// The README's front ends, run as they stand there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { open, stage } from "./stage.js";

const it = stage();

const README = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const [, section] = /^## Your front end\n([\s\S]*?)^## /m.exec(README);
const blocks = [...section.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code);

/** What a front end is made with. */
const means = (code) => /from "(.*)"/.exec(code)?.[1] ?? "nothing but the browser";

/** What is left to the reader: the address, and the user's JWT. */
const filled = (code, jwt) => `const jwt = ${JSON.stringify(jwt)};\n${code.replaceAll("https://ephemint.example", it.service.base)}\nwindow.ran = true;`;

test("the README has a front end of each kind", () => {
  assert.deepEqual(blocks.map(means), ["@ephemint/client", "@openai/agents-realtime", "nothing but the browser"]);
});

for (const [n, code] of blocks.entries()) {
  test(`the README's front end with ${means(code)} connects and hears a voice`, async () => {
    const { page, until, end } = await open(it);
    // In a module of its own, as an application would have it; what it throws fails the test.
    await page.addScriptTag({ type: "module", content: filled(code, it.service.jwt(`reader-${n}`, "speaker")) });
    await until("the end of the code", () => window.ran);
    await until("session.created", () => window.witness.events("session.created").length > 0);
    const configured = await page.evaluate(() => window.witness.heard.filter(({ type }) => /^session\./.test(type)).at(-1).session);
    assert.match(configured.instructions, /^(Habla|Speak)\.$/, "the policy's instructions are gone");
    await until("an answer to what was said", () => window.witness.events("response.done").length > 0);
    await until("sound", () => window.witness.sound().then(({ bytes, energy, played }) => bytes > 0 && energy > 0 && played > 0));
    await end();
  });
}
