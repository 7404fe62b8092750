// The library's other half: usage, keys and settings of a user, from a page at another origin.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, open, stage } from "./stage.js";

const it = stage();

test("a page at another origin sees what its user has used, and keeps their key and their settings", async () => {
  const { page, start, end } = await open(it);
  const jwt = it.service.jwt("ana", "tinkerer");
  await start(jwt);
  await page.evaluate(() => window.session.close());
  // Outcomes are written within a second.
  await eventually("the mint to count", async () => (await it.service.api("/v1/admin/mints?user=ana")).mints[0].outcome === "issued");
  const key = "sk-own-0123456789-ana";
  await it.service.provider("PUT", "accounts", { name: "ana", key });
  const seen = await page.evaluate(use, { base: it.service.base, jwt, key });
  assert.deepEqual([seen.usage.role, seen.usage.tokens.last_hour, seen.usage.recent.length], ["tinkerer", 1, 1]);
  assert.deepEqual(seen.keys.map(({ provider, masked, state }) => [provider, masked, state]), [["openai", "sk-…-ana", "valid"]]);
  assert.deepEqual([seen.left, seen.set.settings.voice, seen.unset.settings], [[], "cedar", {}]);
  assert.ok(seen.preview.request.session.audio.output.voice === "cedar", JSON.stringify(seen.preview));
  assert.deepEqual(seen.refused, { name: "ProblemError", status: 403, code: "not_allowed", param: "greeting" });
  await end();
});

/** In the page: all that an account does, and what came of it. */
async function use({ base, jwt, key }) {
  const { Account } = await import("@ephemint/client");
  const account = new Account({ base, getJwt: () => jwt });
  const usage = await account.usage();
  await account.keys.put("openai", key);
  await account.keys.validate("openai");
  const { keys } = await account.keys.list();
  await account.keys.remove("openai");
  const { keys: left } = await account.keys.list();
  const set = await account.settings.put({ voice: "cedar" });
  const preview = await account.settings.preview();
  await account.settings.remove();
  const unset = await account.settings.get();
  const { name, status, code, param } = await account.settings.put({ greeting: "Hello." }).catch((error) => error);
  return { usage, keys, left, set, preview, unset, refused: { name, status, code, param } };
}
