// The page of users, and applications that open it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { watch } from "./browser.js";
import { SEALING, start } from "./service.js";

/** Opens `/me` in a context of its own; signs in where a JWT is given. `end()` says what was wrong. */
export async function openMe({ browser, service: { base } }, { jwt = null, width = 1280, theme = "light", locale = "en-GB" } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 1200 }, colorScheme: theme, timezoneId: "Europe/Madrid", locale, reducedMotion: "reduce" });
  const page = await context.newPage();
  const wrong = watch(page, base);
  await page.goto(`${base}/me`);
  if (jwt) await paste(page, jwt);
  return {
    page,
    async end() {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

export async function paste(page, jwt) {
  await page.fill("#jwt", jwt);
  await page.click("#enter");
  await page.waitForSelector("#signed-in:not([hidden])");
  await page.waitForSelector(".keys, #keys-body .empty");
  await page.waitForSelector("#desk:not([hidden])");
}

/** Waits until the preview shows the form as it stands. */
export const previewed = (page) => page.waitForSelector("#preview:not(.stale)");

/** An application at an origin of its own: it opens `/me` and answers each `ephemint:ready` with what `answers` has next. */
export async function application() {
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>App</title><button>Keys</button>"));
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    stop: () => server.close(),
    /** Opens `/me` from it, in a context of its own; the page, and what the application heard. */
    async open({ browser, service: { base } }, answers) {
      const context = await browser.newContext({ locale: "en-GB" });
      const app = await context.newPage();
      await app.goto(origin);
      const opened = context.waitForEvent("page");
      await app.evaluate(([base, answers]) => {
        window.heard = [];
        window.me = window.open(`${base}/me`);
        addEventListener("message", ({ data, origin, source }) => {
          window.heard.push([origin, data]);
          if (answers.length > 0) source.postMessage(answers.shift(), base);
        });
      }, [base, answers]);
      const page = await opened;
      const wrong = watch(page, base);
      return {
        app, page,
        heard: () => app.evaluate(() => window.heard),
        tell: (message) => app.evaluate(([message, base]) => window.me.postMessage(message, base), [message, base]),
        async end() {
          await context.close();
          assert.deepEqual(wrong, []);
        },
      };
    },
  };
}

/** A service that keeps keys of users. */
export const keeping = (more = "", set = {}) => start({ ENCRYPTION_KEYS: SEALING, ...set }, null, more);
