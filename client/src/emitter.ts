/** Tells listeners. One that throws is reported as an uncaught error and keeps no other from hearing. */
export class Emitter<Events extends object> {
  readonly #entries = new Set<{ name: keyof Events; tell: (value: never) => void }>();

  /** @returns what takes the listener off again. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void {
    const entry = { name, tell: listener as (value: never) => void };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const entry of [...this.#entries]) {
      try {
        if (entry.name === name) entry.tell(value as never);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
