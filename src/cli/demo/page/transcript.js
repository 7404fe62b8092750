// What both sides said, as a chat. It is made of the provider's events, and of what the page sent.
import { h } from "./code-view.js";

const MOST = 120;

/** Within so many pixels of its end a log is read as it grows. */
const NEAR = 48;

/** Keeps at the end whoever is there already. */
export function follow(box, change) {
  const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  change();
  if (isNear) box.scrollTop = box.scrollHeight;
}

export function createTranscript(list) {
  const lines = new Map();

  const put = (id, who, text, { grows = false, soft = false } = {}) => follow(list, () => {
    let line = lines.get(id);
    if (!line) {
      line = h("p", { class: who }, h("b", { class: "sr", text: who === "you" ? "You: " : who === "voice" ? "Voice: " : "" }), h("span"));
      lines.set(id, line);
      list.append(line);
      if (list.childElementCount > MOST) list.firstElementChild.remove();
    }
    line.classList.toggle("soft", soft);
    // Whoever listens to the log hears a line when it is whole.
    line.setAttribute("aria-busy", String(grows));
    line.lastElementChild.textContent = text;
  });
  const said = (id) => {
    const line = lines.get(id);
    return line && !line.classList.contains("soft") ? line.lastElementChild.textContent : "";
  };
  const grow = (id, who, delta) => put(id, who, said(id) + delta, { grows: true });

  const server = {
    "input_audio_buffer.speech_started": ({ item_id: id }) => put(id, "you", "…", { grows: true, soft: true }),
    // It stays at that where the policy has no transcription.
    "input_audio_buffer.speech_stopped": ({ item_id: id }) => said(id) || put(id, "you", "spoke", { soft: true }),
    "conversation.item.input_audio_transcription.delta": ({ item_id: id, delta }) => grow(id, "you", delta ?? ""),
    "conversation.item.input_audio_transcription.completed": ({ item_id: id, transcript }) => transcript && put(id, "you", transcript),
    "response.output_audio_transcript.delta": ({ item_id: id, delta }) => grow(id, "voice", delta ?? ""),
    "response.output_audio_transcript.done": ({ item_id: id, transcript }) => put(id, "voice", transcript ?? said(id)),
    "response.output_text.delta": ({ item_id: id, delta }) => grow(id, "voice", delta ?? ""),
    "response.output_text.done": ({ item_id: id, text }) => put(id, "voice", text ?? said(id)),
    "response.done": ({ response }) => response?.status === "cancelled" && response.output?.forEach(({ id }) => {
      if (said(id)) put(id, "voice", `${said(id)} (interrupted)`);
    }),
    error: ({ error, event_id: id }) => put(id ?? {}, "note", error?.message ?? "The provider reports an error."),
  };

  return {
    /** An event of the provider's. */
    heard: (event) => server[event.type]?.(event),
    /** An event that was sent: what was typed is in it. */
    sent: ({ type, item }) => {
      const text = type === "conversation.item.create" && item?.role === "user" && item.content?.find((part) => part.type === "input_text")?.text;
      if (text) put({}, "you", text);
    },
    /** A line of the page's own. */
    note: (text) => put({}, "note", text),
    /** Nothing grows any more. */
    close: () => lines.forEach((line) => line.setAttribute("aria-busy", "false")),
    clear() {
      lines.clear();
      list.replaceChildren();
    },
  };
}
