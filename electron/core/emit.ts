import type { EventName, EventPayload } from '../../shared/contract/api.ts'

/** Tells the screens. Payloads are whole records, so telling one twice is harmless. */
export type Emit = <E extends EventName>(name: E, payload: EventPayload<E>) => void
