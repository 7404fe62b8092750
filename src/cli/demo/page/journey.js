// The diagram: three actors, two wires, and what lights up as a try goes along them.

const STEP_MS = 260;

export function createJourney(root) {
  const actor = (name) => root.querySelector(`[data-actor="${name}"]`);
  const item = (who, what) => actor(who).querySelector(`[data-item="${what}"]`);
  const lane = (wire, way) => root.querySelector(`[data-wire="${wire}"] .${way}`);
  const caption = root.querySelector("[data-caption]");
  const straight = root.querySelector("[data-straight]");
  const silence = straight.textContent;
  const labels = { near: lane("near", "back").querySelector("[data-label]"), far: lane("far", "back").querySelector("[data-label]") };
  const first = { near: labels.near.textContent, far: labels.far.textContent };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let run = 0;

  const light = (...nodes) => nodes.forEach((node) => node.classList.add("lit"));
  const clear = () => {
    for (const node of root.querySelectorAll(":is(.lit, .refused, .travels):not(.talks)")) node.classList.remove("lit", "refused", "travels");
    labels.near.textContent = first.near;
    labels.far.textContent = first.far;
  };
  const travel = (node) => {
    light(node);
    void node.offsetWidth; // restarts the pulse where the last one was cut short
    node.classList.add("travels");
  };
  const steps = (try_) => {
    const { ok, asked, reached, status } = try_;
    const list = [() => { travel(lane("near", "out")); light(actor("browser"), item("browser", "jwt")); }];
    if (!reached) return list;
    list.push(() => { light(actor("ephemint"), item("ephemint", "jwt")); });
    if (asked) {
      list.push(() => { travel(lane("far", "out")); light(item("ephemint", "key"), item("ephemint", "instructions")); });
      list.push(() => light(actor("provider"), item("provider", "key"), item("provider", "instructions")));
      list.push(() => {
        travel(lane("far", "back"));
        if (ok) light(item("provider", "token"), item("ephemint", "token"));
        else lane("far", "back").classList.add("refused");
      });
    }
    list.push(() => {
      travel(lane("near", "back"));
      if (ok) light(item("browser", "token"), straight);
      else {
        lane("near", "back").classList.add("refused");
        if (!asked) actor("ephemint").classList.add("refused");
        if (status === 401) item("ephemint", "jwt").classList.add("refused");
      }
    });
    return [() => {
      if (ok) return;
      labels.near.textContent = `${status} refusal`;
      labels.far.textContent = "no token";
    }, ...list];
  };

  return {
    /** Plays a try that has its answer: it starts anew when another comes in between. */
    async play(try_) {
      const mine = ++run;
      clear();
      caption.textContent = try_.story;
      for (const step of steps(try_)) {
        if (mine !== run) return;
        step();
        if (!calm.matches && !try_.fast) await new Promise((done) => setTimeout(done, STEP_MS));
      }
    },
    /** Whose key it was; null: the operator's. */
    paidBy(name) {
      root.querySelector("[data-payer]").textContent = name ? `${name}’s own` : "yours";
    },
    /** The minted token has ended: nothing can be opened with it any more. */
    close() {
      if (!straight.classList.contains("talks")) straight.classList.remove("lit");
    },
    /** Whether sound goes to and fro at this moment. */
    talks(now) {
      straight.classList.toggle("talks", now);
      straight.classList.toggle("lit", now);
      straight.firstElementChild.textContent = now ? "now sound goes straight, over WebRTC" : silence;
    },
  };
}
