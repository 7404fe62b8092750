// The page for operators: signing in and out, what is on it, and when it loads.
import { read } from "./address.js";
import { announce, byId } from "./dom.js";
import { Drawer } from "./drawer.js";
import { Events } from "./events.js";
import { Feed } from "./feed.js";
import * as filters from "./filters.js";
import * as groups from "./by-group.js";
import { saveCsv, showReport } from "./ledger.js";
import { alerts, audit } from "./logs.js";
import { budget, costs } from "./money.js";
import { overTime } from "./over-time.js";
import { Panel } from "./panel.js";
import { Refresh } from "./refresh.js";
import * as signIn from "./sign-in.js";
import { cycle } from "./theme.js";
import { today } from "./today.js";
import { asked } from "./window.js";

/** What panels reach for. */
class Context {
  #roles = new Set();

  constructor(api, leave) {
    this.api = api;
    this.leave = leave;
    this.drawer = new Drawer(this);
  }

  get view() {
    return read();
  }

  get window() {
    return asked(this.view, Date.now());
  }

  get filters() {
    const { role, user } = this.view;
    return { role, user };
  }

  knowRoles(names) {
    names.forEach((name) => this.#roles.add(name));
    filters.show(this.view, this.#roles);
  }

  get roles() {
    return this.#roles;
  }

  showReport(title, request, report) {
    return showReport(this, title, request, report);
  }

  saveCsv(request) {
    return saveCsv(this.api, request);
  }

  /** Whether there is nobody any more to tell of an error, which also ends with whoever is no operator. */
  isOver(error) {
    if (!this.api.isClosed && error.isSignedOut) this.leave(error.message);
    return this.api.isClosed;
  }
}

/** All that there is while somebody is signed in. */
class Session {
  #feed = new Feed();

  constructor(api) {
    this.context = new Context(api, (reason) => leave(reason));
    const shown = [today, overTime, this.#feed.panel(), groups.roles, groups.languages, groups.users, groups.models, groups.errors,
      groups.latency, budget, groups.payers, costs, alerts, audit];
    this.panels = shown.map((what) => new Panel(what, this.context));
    byId("panels").replaceChildren(...this.panels.map(({ element }) => element));
    filters.show(this.context.view, this.context.roles);
    this.refresh = new Refresh(this.panels);
    this.events = new Events({
      api, state: (state) => this.#state(state), over: (error) => this.context.isOver(error),
      each: (kind, value) => this.#happened(kind, value),
    });
    this.#state("waiting");
    this.events.follow();
  }

  moved() {
    filters.show(this.context.view, this.context.roles);
    this.context.drawer.close();
    this.refresh.all();
  }

  pause() {
    this.refresh.isPaused = !this.refresh.isPaused;
    byId("pause").textContent = this.refresh.isPaused ? "Go on" : "Pause";
    this.#state(this.connection);
    if (!this.refresh.isPaused) this.refresh.soon();
  }

  end() {
    this.events.stop();
    this.refresh.stop();
    this.context.drawer.close();
    this.context.api.close();
    byId("panels").replaceChildren();
  }

  #happened(kind, value) {
    if (this.refresh.isPaused || (kind !== "mint" && kind !== "refusal")) return;
    this.#feed.add(kind, value);
    this.refresh.soon();
  }

  #state(connection) {
    this.connection = connection;
    const state = this.refresh.isPaused ? "paused" : connection;
    const words = { live: "Live", waiting: "Not live: connecting…", paused: "Paused" };
    byId("live").dataset.state = state;
    byId("live").textContent = words[state];
  }
}

let session = null;

function enter(api) {
  session = new Session(api);
  byId("headline").focus();
  announce("Signed in.");
}

function leave(reason) {
  session?.end();
  session = null;
  signIn.ask(reason);
}

const repaint = () => session?.panels.forEach((panel) => panel.repaint());

cycle(byId("theme"), (theme) => `Theme: ${theme}`, repaint);
filters.start();
signIn.start(enter);
signIn.explain();
addEventListener("popstate", () => session?.moved());
byId("sign-out").addEventListener("click", () => leave("Signed out."));
byId("pause").addEventListener("click", () => session?.pause());
