/** Tells listeners. One that throws is reported as an uncaught error and keeps no other from hearing. */
export declare class Emitter<Events extends object> {
    #private;
    /** @returns what takes the listener off again. */
    on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void;
    emit<Name extends keyof Events>(name: Name, value: Events[Name]): void;
}
