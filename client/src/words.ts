import type { Reason } from "./reasons.js";

/** Languages that the sentences are in. */
export type Locale = "en" | "es";

type Words = Readonly<Record<Reason, string>>;

/** `{}` stands for when it is worth coming back. */
const EN: Words = {
  closed_by_user: "You have ended the conversation. See you soon!",
  deadline: "Our time for this conversation is over. Thank you for talking!",
  budget: "This conversation has used up what was set aside for it.",
  idle: "It was quiet for a while, so the conversation has ended. Start again whenever you like.",
  ended_by_operator: "The conversation was ended from the other side. You can start again whenever you like.",
  unauthorized: "Your sign-in is no longer valid. Please sign in again.",
  rate_limited: "You have had all your conversations for now. Please come back {}.",
  microphone_denied: "We can't hear you. Please allow the microphone, or plug one in, and try again.",
  network: "The connection did not hold. Please check your network and try again.",
  provider: "The voice service has a problem right now. Please try again a little later.",
  expired: "This conversation has reached its longest length. You can start again whenever you like.",
  policy: "Your account does not allow this conversation. Please ask the people who run this service.",
};

const ES: Words = {
  closed_by_user: "Has terminado la conversación. ¡Hasta pronto!",
  deadline: "El tiempo de esta conversación ha terminado. ¡Gracias por hablar!",
  budget: "Esta conversación ha usado todo lo que tenía reservado.",
  idle: "Hubo silencio durante un rato y la conversación ha terminado. Empieza otra cuando quieras.",
  ended_by_operator: "La conversación ha terminado desde el otro lado. Empieza otra cuando quieras.",
  unauthorized: "Tu sesión ya no es válida. Vuelve a entrar, por favor.",
  rate_limited: "Ya has tenido todas tus conversaciones por ahora. Vuelve {}, por favor.",
  microphone_denied: "No podemos oírte. Permite el micrófono, o conecta uno, e inténtalo de nuevo.",
  network: "La conexión se ha perdido. Revisa tu red e inténtalo de nuevo.",
  provider: "El servicio de voz tiene un problema ahora. Inténtalo de nuevo un poco más tarde.",
  expired: "Esta conversación ha llegado a su duración máxima. Empieza otra cuando quieras.",
  policy: "Tu cuenta no permite esta conversación. Pregunta a quienes llevan este servicio.",
};

/** The sentences, and when it is worth coming back: some time, in a minute, in so many. */
const WORDS: Readonly<Record<Locale, { all: Words; when: readonly [string, string, string] }>> = {
  en: { all: EN, when: ["later", "in a minute", "in # minutes"] },
  es: { all: ES, when: ["más tarde", "en un minuto", "en # minutos"] },
};

/** A sentence for the user. `retryAfter` is in seconds, and shown in whole minutes, rounded up. */
export function sentence(reason: Reason, locale: Locale, retryAfter?: number): string {
  const { all, when } = WORDS[locale];
  const minutes = Math.ceil((retryAfter ?? 0) / 60);
  const [later, one, many] = when;
  const said = retryAfter === undefined ? later : minutes < 2 ? one : many.replace("#", `${minutes}`);
  return all[reason].replace("{}", said);
}
