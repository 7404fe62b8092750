// A service of its own for each file of tests: the real binary on an embedded store, and the simulated provider.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const BIN = process.env.EPHEMINT_BIN ?? new URL("../../target/debug/", import.meta.url).pathname;
const KEY = "sk-sim-browser";

/** What the sign-in signs with. */
export const JWT_SECRET = "browser-0123456789abcdef0123456789abcdef";
/** What users' keys are sealed with, where they may have any. */
export const SEALING = "browser:a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763";
export const ADMIN_TOKEN = "browser-operator-0123456789abcdef0123456789abcdef";

const POLICY = `
[defaults]
default_role = "student"
[defaults.instructions]
en = "Speak."
es = "Habla."
[roles.student]
hourly_tokens = 3
[roles.teacher]
hourly_tokens = 100
[roles.boss]
hourly_tokens = 30
[prices]
currency = "USD"
[prices.models."gpt-realtime-2.1-mini"]
minutes = 5
per_minute = 0.06
[budget]
day = 16
`;

/** Runs a program until it says what is waited for; `ended` is a promise. */
async function run(program, args, env, pattern) {
  const child = spawn(join(BIN, program), args, { env, cwd: env.TMPDIR, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise((done) => child.once("exit", done));
  const said = await new Promise((found, failed) => {
    lines.on("line", (line) => pattern.test(line) && found(pattern.exec(line)[1]));
    ended.then((code) => failed(new Error(`${program} ended with ${code}`)));
  });
  return { said, stop: () => (child.kill("SIGTERM"), ended) };
}

/** Starts it. `set` are settings beside the usual ones, null leaves one out; `fill` may write into the database before; `more` is policy; `flags` are the simulator's. */
export async function start(set = {}, fill = null, more = "", flags = []) {
  const folder = mkdtempSync(join(tmpdir(), "ephemint-browser-"));
  const simulator = await run("ephemint-sim", ["--bind", "127.0.0.1:0", "--api-key", KEY, ...flags], { TMPDIR: folder }, /(http:\/\/[0-9.:]+\/v1)/);
  writeFileSync(join(folder, "policy.toml"), POLICY + more);
  const settings = {
    TMPDIR: folder, DATA_DIR: join(folder, "data"), POLICY_FILE: join(folder, "policy.toml"), BIND_ADDR: "127.0.0.1:0",
    JWT_SECRET, JWT_ISSUER: "https://sign-in.example", JWT_ROLE_CLAIM: "role",
    OPENAI_API_KEY: KEY, OPENAI_BASE_URL: simulator.said, ADMIN_TOKEN, ADMIN_ROLES: "boss", BURST_PER_USER: "0", BURST_PER_IP: "0", ...set,
  };
  const env = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
  if (fill) {
    execFileSync(join(BIN, "ephemint"), ["migrate"], { env });
    fill(join(folder, "data", "ephemint.db"));
  }
  const service = await run("ephemint", ["serve"], env, /^(.*"message":"serving".*)$/).catch(async (error) => {
    await simulator.stop();
    throw error;
  });
  const base = `http://${/127\.0\.0\.1:\d+/.exec(service.said)[0]}`;
  return {
    base, folder, upstream: simulator.said,
    /** Asks something of the simulated provider's other side, such as `PUT accounts`. */
    async provider(method, what, body) {
      const answer = await fetch(new URL(`/_sim/${what}`, simulator.said), { method, body: body && JSON.stringify(body) });
      return answer.status === 204 ? null : answer.json().catch(() => null);
    },
    async stop() {
      await service.stop();
      await simulator.stop();
      rmSync(folder, { recursive: true });
    },
    /** A JWT as the sign-in would give. */
    jwt: (sub, role, seconds = 3600, name = null) => execFileSync(join(BIN, "ephemint"),
      ["token", "--sub", sub, "--expires-in", String(seconds), ...(role ? ["--role", role] : []), ...(name ? ["--name", name] : [])], { env }).toString().trim(),
    /** What the API says to the operator. */
    async api(path, accept = "application/json") {
      const answer = await fetch(base + path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}`, accept } });
      return accept === "application/json" ? answer.json() : answer.text();
    },
    /** Makes the provider fail the next so many times. */
    async fail(times) {
      const body = JSON.stringify({ fault: { kind: "server_error" }, times });
      const { ok } = await fetch(new URL("/_sim/fault", simulator.said), { method: "PUT", body });
      if (!ok) throw new Error("the simulator does not know this fault");
    },
    /** Gives a user a key of their own, of an account at the provider of the same name. */
    async bringKey(jwt, name) {
      const key = `sk-own-0123456789-${name}`;
      await fetch(new URL("/_sim/accounts", simulator.said), { method: "PUT", body: JSON.stringify({ name, key }) });
      const headers = { authorization: `Bearer ${jwt}`, "content-type": "application/json" };
      const { ok } = await fetch(`${base}/v1/me/keys/openai`, { method: "PUT", headers, body: JSON.stringify({ key }) });
      if (!ok) throw new Error("the key was not taken");
    },
    /** Mints for a user; the status. */
    async mint(jwt, body = {}) {
      const headers = { authorization: `Bearer ${jwt}`, "content-type": "application/json" };
      const answer = await fetch(`${base}/v1/realtime/client_secrets`, { method: "POST", headers, body: JSON.stringify(body) });
      return answer.status;
    },
  };
}
