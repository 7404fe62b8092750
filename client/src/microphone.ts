import { Failure } from "./reasons.js";

/** The user's sound. */
export interface Microphone {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
  /** Whether the browser was asked for it; else it is the page's, which looks after it. */
  readonly own: boolean;
}

const denied = (detail: string, code?: string): Failure => new Failure("microphone_denied", false, { code, detail });

/**
 * Takes the stream that is given, or asks the browser, which may ask the user and takes as long as they do: call it in their
 * gesture.
 */
export async function openMicrophone(wish: MediaTrackConstraints | MediaStream = {}): Promise<Microphone> {
  if ("getAudioTracks" in wish) return holding(wish, false);
  // Browsers hide it from pages that did not come by https.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw denied("microphones need https");
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...wish };
  const stream = await devices.getUserMedia({ audio }).catch((error: unknown) => {
    throw denied(String(error), (error as Error | null)?.name);
  });
  return holding(stream, true);
}

function holding(stream: MediaStream, own: boolean): Microphone {
  const track = stream.getAudioTracks()[0];
  if (!track) throw denied("no audio track");
  return { stream, track, own };
}

/** Lets go of it, unless it is the page's. */
export function release(microphone: Microphone | null): void {
  if (microphone?.own) microphone.track.stop();
}

async function devices(kind: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
  const all = (await (navigator.mediaDevices as MediaDevices | undefined)?.enumerateDevices()) ?? [];
  return all.filter((device) => device.kind === kind);
}

/** The microphones of this machine. Browsers give them names only once the user has allowed one. */
export const microphones = (): Promise<MediaDeviceInfo[]> => devices("audioinput");

/** The speakers of this machine; none where the browser does not let pages choose. */
export const speakers = (): Promise<MediaDeviceInfo[]> => devices("audiooutput");
