import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Reason } from "../src/index.js";
import { sentence, type Locale } from "../src/words.js";
import { problem, settle, World } from "./world.js";

/** The type keeps the list whole. */
const REASONS = Object.keys({
  closed_by_user: 0,
  deadline: 0,
  budget: 0,
  idle: 0,
  ended_by_operator: 0,
  unauthorized: 0,
  rate_limited: 0,
  microphone_denied: 0,
  network: 0,
  provider: 0,
  expired: 0,
  policy: 0,
} satisfies Record<Reason, 0>) as Reason[];

describe.each(["en", "es"] as const)("in %s", (locale: Locale) => {
  it("there is a sentence of its own for each reason", () => {
    const sentences = REASONS.map((reason) => sentence(reason, locale));
    expect(new Set(sentences).size).toBe(REASONS.length);
    for (const said of sentences) expect(said).toMatch(/^[A-ZÁ¡].{20,120}[.!]$/u);
    expect(sentences.filter((said) => /[{}#_]/.test(said))).toEqual([]);
  });
});

describe("when to come back", () => {
  it.each([
    [undefined, "later", "más tarde"],
    [0, "in a minute", "en un minuto"],
    [60, "in a minute", "en un minuto"],
    [61, "in 2 minutes", "en 2 minutos"],
    [1260, "in 21 minutes", "en 21 minutos"],
  ])("after %s seconds: %s, %s", (retryAfter, english, spanish) => {
    expect(sentence("rate_limited", "en", retryAfter)).toBe(
      `You have had all your conversations for now. Please come back ${english}.`,
    );
    expect(sentence("rate_limited", "es", retryAfter)).toBe(
      `Ya has tenido todas tus conversaciones por ahora. Vuelve ${spanish}, por favor.`,
    );
  });
});

describe("the language of the sentences", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    [{}, "en-GB", "en"],
    [{}, "es-AR", "es"],
    [{}, "est", "en"],
    [{ language: "es-MX" }, "en-GB", "es"],
    [{ language: "fr" }, "es", "en"],
    [{ language: "es", locale: "en" as const }, "es", "en"],
    [{ locale: "es" as const }, "en", "es"],
  ])("with %o in a browser of %s is %s", async (options, browser, locale) => {
    vi.stubGlobal("navigator", { ...navigator, language: browser });
    world.service.push(problem(403, "user_disabled"));
    const session = world.session(options);
    await Promise.all([session.start().catch(() => {}), settle()]);
    expect(session.ended?.message).toBe(sentence("policy", locale as Locale));
  });
});
