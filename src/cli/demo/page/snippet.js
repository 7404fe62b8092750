// What a front end has to write, three ways: the code follows what is chosen on the page.
import { byId, copyButton, jsView } from "./code-view.js";
import { MINT_PATH } from "./service.js";
import { wishes } from "./state.js";

/** A value as one would write it in JavaScript, on one line. */
const written = (value) => JSON.stringify(value, null, 1).replace(/\s*\n\s*/g, " ").replace(/"(\w+)":/g, "$1:");

const endpoint = `${location.origin}${MINT_PATH}`;

function withLibrary() {
  const chosen = Object.entries(wishes()).map(([name, value]) => `  ${name}: ${written(value)},\n`).join("");
  return `import { connect } from "@ephemint/client";

const session = await connect({ // from a click: it asks for the microphone first
  endpoint: "${endpoint}",
  getJwt: () => jwt,
  audio: document.querySelector("audio"),
${chosen}});
session.on("event", (event) => console.log(event)); // transcripts, tool calls
session.on("ended", ({ reason, message, retryAfter }) => show(message));
session.send({ type: "response.create" }); // the voice begins
hangUp.onclick = () => session.close();`;
}

const mint = () => `const res = await fetch("${endpoint}", {
  method: "POST",
  headers: { Authorization: \`Bearer \${jwt}\`, "Content-Type": "application/json" },
  body: JSON.stringify(${written(wishes())}) });
const minted = await res.json();
if (!res.ok) throw new Error(minted.detail);`;

const withSdk = () => `import { RealtimeAgent, RealtimeSession } from "@openai/agents-realtime";

${mint()}
const session = new RealtimeSession(new RealtimeAgent({ name: "assistant" }), {
  model: minted.session.model,
  // Its agent's instructions would take the place of the policy's.
  config: { providerData: { instructions: undefined } },
});
session.on("history_updated", (items) => console.log(items)); // transcripts, tool calls
await session.connect({ apiKey: minted.value, url: minted.connect_url });
hangUp.onclick = () => session.close();`;

const withFetch = () => `const mic = await navigator.mediaDevices.getUserMedia({ audio: true }); // first: people answer slowly
${mint()}
const pc = new RTCPeerConnection();
pc.ontrack = ({ streams }) => { document.querySelector("audio").srcObject = streams[0]; };
pc.addTrack(mic.getAudioTracks()[0], mic);
const events = pc.createDataChannel("oai-events"); // transcripts, tool calls
await pc.setLocalDescription();
const call = await fetch(minted.connect_url, { method: "POST", body: pc.localDescription.sdp,
  headers: { Authorization: \`Bearer \${minted.value}\`, "Content-Type": "application/sdp" } });
await pc.setRemoteDescription({ type: "answer", sdp: await call.text() });`;

/** By the name of the tab: the code, and what is to be known of it. */
const WAYS = {
  library: [withLibrary, "It also renews, reconnects, measures levels, and says why a call has ended."],
  sdk: [withSdk, "It sends settings of its own when it connects: turn detection and transcription are then the SDK’s, not the policy’s."],
  fetch: [withFetch, "No library at all. What happens when a line breaks, or an hour is used up, is yours to write."],
};

/** Fills the tabs in; the answer draws the code anew. */
export function createSnippet() {
  const tabs = [...byId("ways").querySelectorAll("[role=tab]")];
  let way = "library";
  const draw = () => {
    const [code, hint] = WAYS[way];
    byId("snippet-hint").textContent = hint;
    byId("snippet-code").replaceChildren(jsView(code(), "Front-end code"));
  };
  const choose = (tab) => {
    way = tab.dataset.way;
    for (const one of tabs) {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
    }
    byId("snippet").setAttribute("aria-labelledby", tab.id);
    draw();
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      next.focus();
      choose(next);
    });
  });
  byId("snippet-copy").replaceChildren(copyButton(() => WAYS[way][0](), "front-end code"));
  choose(tabs[0]);
  return draw;
}
