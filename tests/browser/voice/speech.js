// What the microphones of these tests hear: somebody who speaks and pauses, over and over.
import { writeFileSync } from "node:fs";

const RATE = 48_000;
/** Seconds of speech, then seconds of silence. */
const SPEECH = 1.2;
const SILENCE = 2.3;

/** How long it is until it begins again, in seconds. */
export const ROUND = SPEECH + SILENCE;

/** A voice of sorts: a fundamental that glides, with overtones, in syllables; a steady tone would be taken for noise. */
function sample(seconds) {
  if (seconds > SPEECH) return 0;
  const phase = 2 * Math.PI * (140 * seconds + 30 * seconds * seconds);
  const timbre = [1, 0.7, 0.5, 0.35, 0.2, 0.1].reduce((sum, strength, n) => sum + strength * Math.sin(phase * (n + 1)), 0);
  const syllable = Math.sin(Math.PI * ((seconds * 5) % 1)) ** 2;
  return 0.3 * timbre * syllable;
}

/** Writes it as a WAV file (PCM, 16 bits, mono), for Chromium to play into its fake microphone. */
export function writeSpeech(path) {
  const samples = Math.round(ROUND * RATE);
  const file = Buffer.alloc(44 + 2 * samples);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + 2 * samples, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(2 * RATE, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(2 * samples, 40);
  for (let n = 0; n < samples; n += 1) {
    file.writeInt16LE(Math.round(32_767 * Math.max(-1, Math.min(1, sample(n / RATE)))), 44 + 2 * n);
  }
  writeFileSync(path, file);
}
