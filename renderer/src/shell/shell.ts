/** What the page needs of the program around it: a port to the engine, and why it closed. Nothing else knows the host. */
import type { Port } from '../../../shared/contract/port.ts'

/** `gone`: no answer. `elsewhere`: the same profile was opened in another window. `refused`: the address or its token is not valid. */
export type ClosedBecause = 'gone' | 'elsewhere' | 'refused'

export type Opened = { port: Port; closedBecause(): ClosedBecause } | { refused: ClosedBecause }

export interface Shell {
  /** Opens a port; resolves also when that fails. */
  open(): Promise<Opened>
}
