import { Failure } from "./reasons.js";

/** The user's sound. */
export interface Microphone {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
  /** Stops the track, unless it came from the page. */
  release(): void;
}

const denied = (detail: string, code?: string): Failure =>
  new Failure("microphone_denied", false, { code, detail });

/**
 * Takes the stream that is given, or asks the browser, which may ask the user and takes as long as they do: call it in their
 * gesture.
 */
export async function openMicrophone(wish: MediaTrackConstraints | MediaStream = {}): Promise<Microphone> {
  if ("getAudioTracks" in wish) return holding(wish, () => {});
  // Browsers hide it from pages that did not come by https.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw denied("microphones need https");
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...wish };
  const stream = await devices.getUserMedia({ audio }).catch((error: unknown) => {
    throw denied(String(error), (error as Error | null)?.name);
  });
  return holding(stream, () => stream.getTracks().forEach((track) => track.stop()));
}

function holding(stream: MediaStream, release: () => void): Microphone {
  const track = stream.getAudioTracks()[0];
  if (!track) throw denied("no audio track");
  return { stream, track, release };
}

async function devices(kind: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
  const all = (await (navigator.mediaDevices as MediaDevices | undefined)?.enumerateDevices()) ?? [];
  return all.filter((device) => device.kind === kind);
}

/** The microphones of this machine. Browsers give them names only once the user has allowed one. */
export const microphones = (): Promise<MediaDeviceInfo[]> => devices("audioinput");

/** The speakers of this machine; none where the browser does not let pages choose. */
export const speakers = (): Promise<MediaDeviceInfo[]> => devices("audiooutput");
