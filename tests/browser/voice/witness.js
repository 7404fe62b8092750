// What runs in the page before anything else: it takes down what the browser is asked for, whoever asks.

/** Leaves `witness` in the page. It changes nothing of what it watches. */
export function witness() {
  const seen = { connections: [], microphones: [], heard: [], posted: [] };

  const note = ({ data }) => seen.heard.push(JSON.parse(data));
  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(...given) {
      super(...given);
      seen.connections.push(this);
    }

    createDataChannel(...given) {
      const channel = super.createDataChannel(...given);
      channel.addEventListener("message", note);
      return channel;
    }
  };

  const ask = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function getUserMedia(wanted) {
    const stream = await ask.call(this, wanted);
    seen.microphones.push(...stream.getAudioTracks());
    return stream;
  };

  const send = window.fetch;
  window.fetch = (...given) => {
    seen.posted.push(String(given[0].url ?? given[0]));
    return send(...given);
  };

  /** The numbers of a kind of statistics, over all connections that are open. */
  const statistics = async (kind) => {
    const open = seen.connections.filter(({ connectionState }) => connectionState !== "closed");
    const reports = await Promise.all(open.map((connection) => connection.getStats()));
    return reports.flatMap((report) => [...report.values()]).filter((entry) => entry.type === kind && entry.kind === "audio");
  };
  const sum = (entries, name) => entries.reduce((all, entry) => all + (entry[name] ?? 0), 0);

  window.witness = {
    ...seen,
    /** How many connections are not closed. */
    open: () => seen.connections.filter(({ connectionState }) => connectionState !== "closed").length,
    /** How many tracks of microphones are on. */
    listening: () => seen.microphones.filter(({ readyState }) => readyState === "live").length,
    /** What came of sound: bytes, energy, and how far the element has played. */
    async sound() {
      const received = await statistics("inbound-rtp");
      const players = [...document.querySelectorAll("audio")];
      return {
        bytes: sum(received, "bytesReceived"),
        energy: sum(received, "totalAudioEnergy"),
        played: Math.max(0, ...players.filter(({ paused }) => !paused).map(({ currentTime }) => currentTime)),
      };
    },
    /** Seconds of the microphone that went by, silent or not. */
    said: async () => sum(await statistics("media-source"), "totalSamplesDuration"),
    /** The events of this type that the provider sent, whoever made the connection. */
    events: (type) => seen.heard.filter((event) => event.type === type),
  };
}
