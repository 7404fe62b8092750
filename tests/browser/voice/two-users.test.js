// Two people, two pages, one service and one provider.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, stage } from "./stage.js";

const it = stage();

/** How often each of them says something. */
const TURNS = 8;

test("two users who talk at once never see each other's events", async () => {
  const people = await Promise.all([["ana", "en"], ["bo", "es"]].map(async ([name, language]) => {
    const app = await open(it);
    assert.equal((await app.start(it.service.jwt(name, "reader", 3600, `only-${name}`), { language })).state, "live");
    return { ...app, name };
  }));
  await Promise.all(people.map(async ({ name, ask }) => {
    for (let turn = 0; turn < TURNS; turn += 1) await ask(`${name}, ${turn}`);
  }));
  const seen = await Promise.all(people.map(({ page }) => page.evaluate(() => window.witness.heard)));
  for (const [n, { name }] of people.entries()) {
    const other = people[1 - n].name;
    const text = JSON.stringify(seen[n]);
    assert.ok(text.includes(`only-${name}`), "the instructions are not theirs");
    assert.ok(!text.includes(`only-${other}`) && !text.includes(`${other}, `), `${name} sees what is ${other}'s`);
    const transcripts = seen[n].filter(({ type }) => type === "response.output_audio_transcript.done").map(({ transcript }) => transcript);
    assert.equal(transcripts.length, TURNS);
    transcripts.forEach((transcript, turn) => assert.ok(transcript.includes(`${name}, ${turn}`), transcript));
  }
  const [mine, theirs] = seen.map((events) => new Set(events.map(({ event_id }) => event_id)));
  assert.deepEqual([...mine].filter((id) => theirs.has(id)), []);
  for (const { page, end } of people) {
    await page.evaluate(() => window.session.close());
    await end();
  }
});
