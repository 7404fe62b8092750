import assert from "node:assert/strict";
import { test } from "node:test";
import { around, findings } from "./browser.js";
import { keeping, openMe, previewed } from "./me-page.js";

const MORE = `
[roles.tinkerer]
hourly_tokens = 10
user_may_set = ["system_prompt", "greeting", "voice", "language", "speed", "tools"]
allowed_voices = ["marin", "cedar"]
max_greeting_chars = 40
[roles.tied]
hourly_tokens = 10
user_may_set = ["voice"]
`;

const it = around(null, () => keeping(MORE));

const save = async (page) => {
  await page.click("#settings-form .go");
  // Not by :has-text, which takes "Not saved yet." for it.
  await page.waitForFunction(() => document.querySelector("#settings-form .state").textContent.startsWith("Saved"));
};

test("settings are tried while they are written, saved, used, and deleted", async () => {
  const user = it.service.jwt("ana", "tinkerer");
  const { page, end } = await openMe(it, { jwt: user });
  await previewed(page);
  assert.match(await page.textContent("#preview-words"), /^\[the instructions of role tinkerer in en\]$/);

  await page.fill("#setting-system_prompt", "I am <b>Ana</b>.");
  assert.equal(await page.textContent("#settings-form .state"), "Not saved yet.");
  await page.selectOption("#setting-voice", "cedar");
  await page.selectOption("#setting-language", "es");
  await page.fill("#setting-speed", "1.25");
  await page.waitForFunction(() => document.querySelector("#preview-words").textContent.includes("I am <b>Ana</b>."));
  await previewed(page);
  const { session } = JSON.parse(await page.textContent("#preview-rest"));
  assert.deepEqual([session.audio.output.voice, session.audio.output.speed, session.instructions], ["cedar", 1.25, undefined]);
  assert.match(await page.textContent("#preview-words"), /in es\]/);
  await save(page);

  assert.equal(await it.service.mint(user), 200);
  const { requests } = await it.service.provider("GET", "requests");
  const sent = requests.at(-1).body.session;
  assert.deepEqual([sent.audio.output.voice, sent.audio.output.speed], ["cedar", 1.25]);
  assert.match(sent.instructions, /^Habla\.[^]*I am <b>Ana<\/b>\./);

  await page.fill("#setting-system_prompt", "Something else");
  await page.click("#settings-form button:text('Undo changes')");
  assert.equal(await page.inputValue("#setting-system_prompt"), "I am <b>Ana</b>.");
  await page.click(".setting.speed .quiet");
  await save(page);
  assert.equal(await page.textContent(".setting.speed .told"), "as the service has it");

  await page.click("#settings-form button:text('Delete all')");
  await page.click("#ask-yes");
  await page.waitForSelector("#settings-form .state:has-text('Nothing is set yet')");
  assert.equal(await page.inputValue("#setting-voice"), "");
  await end();
});

test("what is wrong is said where it stands, before it is saved", async () => {
  const { page, end } = await openMe(it, { jwt: it.service.jwt("bea", "tinkerer") });
  const wrong = (name, said) => page.waitForSelector(`#setting-${name}-wrong:has-text("${said}")`);
  await page.fill("#setting-greeting", "x".repeat(41));
  assert.equal(await page.textContent(".setting.greeting .told"), "1 too many");
  await wrong("greeting", "40");
  assert.equal(await page.getAttribute("#setting-greeting", "aria-invalid"), "true");
  await page.fill("#setting-greeting", "Good morning.");
  await page.waitForSelector("#setting-greeting-wrong[hidden]", { state: "attached" });
  for (const [text, said] of [["{", "not JSON"], ["{}", "not a list"], ['[{"type":"function","name":"a b"}]', "tools[0].name: "], ['[{"type":"function"}]', "tools"]]) {
    await page.fill("#setting-tools", text);
    await wrong("tools", said);
  }
  assert.ok(await page.locator("#preview.stale").count());
  await page.click("#settings-form .go");
  await wrong("tools", "tools");
  await page.waitForFunction(() => document.activeElement.id === "setting-tools");
  await page.fill("#setting-tools", '[{"type":"function","name":"turn_page"}]');
  await previewed(page);
  await save(page);
  await end();
});

test("what a role does not leave to its users is locked, and says why", async () => {
  const user = it.service.jwt("cai", "tied");
  const { page, end } = await openMe(it, { jwt: user });
  for (const name of ["system_prompt", "greeting", "language", "speed", "tools"]) {
    assert.ok(await page.isDisabled(`#setting-${name}`), name);
    assert.equal(await page.textContent(`#setting-${name}-locked`), "Your role, tied, does not leave this to you.");
  }
  assert.ok(await page.isEnabled("#setting-voice"));
  await end();

  const nothing = await openMe(it, { jwt: it.service.jwt("dan", "student") });
  assert.match(await nothing.page.textContent("#settings-form .empty"), /leaves none of these to you/);
  assert.ok(await nothing.page.isDisabled("#settings-form .go"));
  await nothing.end();
});

test("what is kept and no longer allowed is shown with the reason, and can be taken away", async () => {
  const as = (role) => it.service.jwt("eva", role);
  const first = await openMe(it, { jwt: as("tinkerer") });
  await first.page.fill("#setting-greeting", "Good day.");
  await save(first.page);
  await first.end();

  const { page, end } = await openMe(it, { jwt: as("tied") });
  await previewed(page);
  assert.match(await page.textContent("#setting-greeting-locked"), /^Kept, but not in force: /);
  assert.equal(await page.textContent("#setting-greeting-wrong"), "");
  assert.ok(await page.isEnabled("#setting-greeting"));
  await page.fill("#setting-greeting", "");
  await save(page);
  assert.ok(await page.isDisabled("#setting-greeting"));
  await end();
});

test("use and allowance are those of the API", async () => {
  const user = it.service.jwt("fay", "tinkerer");
  for (let n = 0; n < 3; n += 1) assert.equal(await it.service.mint(user), 200);
  const { page, end } = await openMe(it, { jwt: user });
  assert.match(await page.textContent("#use-body"), /7 of 10 conversations left/);
  assert.equal(await page.getAttribute("meter", "value"), "7");
  assert.deepEqual(await page.locator(".totals dd").allTextContents(), ["3", "3", "3"]);
  assert.equal(await page.locator(".newest li").count(), 3);
  await end();
});

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing serious, ${theme}`, async () => {
    const { page, end } = await openMe(it, { theme });
    assert.deepEqual(await findings(page), [], "signing in");
    await page.fill("#jwt", it.service.jwt("gil", "tied"));
    await page.click("#enter");
    await page.waitForSelector("#preview:not(.stale)");
    await page.click("#key-openai [data-act]");
    await page.fill("#field-openai", "short");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#field-openai-wrong:not([hidden])");
    await page.click("#preview summary");
    assert.deepEqual(await findings(page), [], "the page");
    await end();
  });
}

test("on a phone nothing is cut off or hidden to the side", async () => {
  const { page, end } = await openMe(it, { width: 390, locale: "es-ES", jwt: it.service.jwt("a-user-with-quite-a-long-id-that-does-not-break-0123456789abcdef", "tinkerer") });
  await page.click("#key-openai [data-act]");
  await page.fill("#setting-system_prompt", "w".repeat(300));
  await page.click("#preview summary");
  await previewed(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  const wider = () => [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > innerWidth + 1 && !node.closest(".sr")).map((node) => node.outerHTML.slice(0, 80));
  assert.deepEqual(await page.evaluate(wider), []);
  await end();
});

test("the keyboard is enough", async () => {
  const { page, end } = await openMe(it);
  await page.focus("body");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.focus("#jwt");
  await page.keyboard.type(it.service.jwt("hal", "tinkerer"));
  await page.keyboard.press("Enter");
  await page.waitForSelector("#key-openai [data-act]");
  await page.focus("#key-openai [data-act]");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "field-openai");
  await page.locator("#key-openai .entry").getByRole("button", { name: "Cancel" }).press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.act), "enter");
  await end();
});

test("it speaks the reader’s language, and another one when asked to", async () => {
  const { page, end } = await openMe(it, { locale: "es-MX", jwt: it.service.jwt("ida", "tinkerer") });
  assert.equal(await page.evaluate(() => document.documentElement.lang), "es");
  assert.equal(await page.textContent("#keys-title"), "Tus claves");
  await page.fill("#setting-system_prompt", "A medias");
  await page.click("#language");
  assert.equal(await page.textContent("#keys-title"), "Your keys");
  assert.equal(await page.textContent("label[for=setting-voice]"), "Voice");
  assert.equal(await page.inputValue("#setting-system_prompt"), "A medias");
  await page.click("#theme");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "light");
  await end();
});
