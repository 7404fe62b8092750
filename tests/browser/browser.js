// Chromium, and a page that is watched: whatever asks another host, breaks the content policy or throws is noted.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { start } from "./service.js";

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const ZONE = "Europe/Madrid";

const launch = (flags) => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...QUIET, ...flags] });

/** A service and a browser for the tests of a file; `fill(service)` is run before them, `begin` starts another service than the usual, `flags` are for Chromium. */
export function around(fill = null, begin = () => start(), flags = []) {
  const it = {};
  before(async () => {
    [it.service, it.browser] = await Promise.all([begin(), launch(flags)]);
    await fill?.(it.service);
  });
  after(async () => {
    await it.browser?.close();
    await it.service?.stop();
  });
  return it;
}

/** Opens the dashboard in a context of its own, and signs in where a token is given. `end()` says what was wrong. */
export async function open({ browser, service: { base } }, { path = "/dashboard", token = null, width = 1280, theme = "light" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 1400 }, colorScheme: theme, timezoneId: ZONE, locale: "en-GB", reducedMotion: "reduce", acceptDownloads: true,
  });
  const page = await context.newPage();
  const wrong = watch(page, base);
  await page.goto(base + path);
  await page.waitForSelector("#sign-in-how:not(:text('Asking'))");
  if (token) await signIn(page, token);
  return {
    page,
    async end() {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

/** Whatever a page does that it must not, as it comes. */
export function watch(page, ...bases) {
  const wrong = [];
  page.on("request", (request) => {
    if (![...bases, "blob:"].some((known) => request.url().startsWith(known))) wrong.push(`asked ${request.url()}`);
  });
  page.on("pageerror", (error) => wrong.push(`threw ${error.stack}`));
  page.on("console", (message) => {
    // A request that fails is no news to a test that makes it fail, nor is a message that another origin was not to hear.
    const isNews = !/^Failed to (load resource|execute 'postMessage')/.test(message.text());
    if (message.type() === "error" && isNews) wrong.push(message.text());
  });
  page.on("dialog", (dialog) => {
    wrong.push(`opened a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return wrong;
}

export async function signIn(page, token) {
  await page.fill("#token", token);
  await page.click("#enter");
  await page.waitForSelector("#signed-in:not([hidden])");
  await settled(page);
}

/** Waits until all panels in sight have what they show. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelectorAll("#panels .body:not(:empty), #panels .failed").length > 3);
  await page.waitForFunction(() => !document.querySelector("#panels .panel[aria-busy=true] .body:not(:empty), #panels .loading .body:not(:empty)"));
}

/** Scrolls through all panels, so that each has loaded. */
export async function seeAll(page) {
  for (const panel of await page.locator(".panel").all()) {
    await panel.scrollIntoViewIfNeeded();
    await panel.and(page.locator("[aria-busy=false]")).waitFor();
  }
  await page.evaluate(() => scrollTo(0, 0));
}

/** What axe finds that is serious or worse. */
export async function findings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`);
}

/** A figure as the page writes it, in the locale of these tests. */
export const written = (number) => new Intl.NumberFormat("en-GB").format(number);
