// Which microphone: a choice, where there is more than one.
import { byId, h } from "./code-view.js";
import { microphones } from "./ephemint.js";

/** The one that was chosen, as `getUserMedia` takes it; none where the browser is to choose. */
export const wish = () => (byId("microphone").value ? { deviceId: byId("microphone").value } : undefined);

/** Whether this machine has one, as far as the browser tells. */
export async function isThere() {
  return (await microphones()).length > 0;
}

/** Fills the list in. Browsers name microphones only once the user has allowed one. */
export async function refresh() {
  const select = byId("microphone");
  const named = (await microphones()).filter(({ deviceId, label }) => deviceId && label);
  const chosen = select.value;
  select.replaceChildren(...named.map(({ deviceId, label }) => h("option", { value: deviceId, text: label })));
  if (named.some(({ deviceId }) => deviceId === chosen)) select.value = chosen;
  select.hidden = named.length < 2;
}

/** `changed(deviceId)` is told of a choice. */
export function createMicrophones(changed) {
  byId("microphone").addEventListener("change", ({ target }) => changed(target.value));
  navigator.mediaDevices?.addEventListener("devicechange", refresh);
}
