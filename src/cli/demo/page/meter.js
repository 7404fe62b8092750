// A level meter: what was heard just now flows along a row of bars, outwards from the microphone or the voice.
import { h } from "./code-view.js";

const BARS = 22;

/** The bars move on so often, in milliseconds; those who want little motion see one level, and see it less often. */
const STEP = { flow: 50, calm: 250 };

/** What screen readers are told changes so often, in milliseconds. */
const SAY = 500;

export function createMeter(root) {
  const bars = Array.from({ length: BARS }, () => h("i"));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const past = Array(BARS).fill(0);
  let loudest = 0;
  let movedAt = 0;
  let saidAt = 0;
  root.replaceChildren(...bars);

  const draw = () => bars.forEach((bar, index) => {
    const height = calm.matches ? Number(index < past[0] * BARS) : past[index];
    bar.style.setProperty("--level", height.toFixed(3));
  });

  return {
    /** The level at this moment, from 0 to 1, on a scale of decibels. */
    push(level, now) {
      loudest = Math.max(loudest, level);
      if (now - movedAt < (calm.matches ? STEP.calm : STEP.flow)) return;
      movedAt = now;
      past.unshift(loudest);
      past.length = BARS;
      if (now - saidAt >= SAY) {
        saidAt = now;
        root.setAttribute("aria-valuenow", String(Math.round(loudest * 100)));
      }
      loudest = 0;
      draw();
    },
    /** Silence. */
    rest() {
      past.fill(0);
      loudest = 0;
      root.setAttribute("aria-valuenow", "0");
      draw();
    },
  };
}
