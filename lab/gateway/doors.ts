/** Servers that the lab's clients run themselves: each on a port of its client's own address, wherever that client stands. */
import type { Connect } from '../engine/engine.ts'
import type { Lab } from '../lab.ts'

export interface Doors {
  /** `connect: null` takes away what was there. Answers the client's address now. Throws `RangeError` when there is no place for it. */
  put(client: string, port: number, connect: Connect | null): string
}

interface Door {
  readonly client: string
  readonly port: number
  readonly connect: Connect
  undo(): void
}

export function createDoors({ engine, clients }: Pick<Lab, 'engine' | 'clients'>): Doors {
  let doors: readonly Door[] = []
  const open = (client: string, port: number, connect: Connect): Door => {
    const { address } = clients.originOf(client)
    return { client, port, connect, undo: engine.listen({ address, port }, connect) }
  }
  clients.changed.on(({ name, moved }) => {
    if (!moved) return
    doors = doors.map((door) => {
      if (door.client !== name) return door
      door.undo()
      return open(name, door.port, door.connect)
    })
  })
  return {
    put(client, port, connect) {
      const isSame = (door: Door) => door.client === client && door.port === port
      for (const door of doors) if (isSame(door)) door.undo()
      const others = doors.filter((door) => !isSame(door))
      doors = connect ? [...others, open(client, port, connect)] : others
      return clients.originOf(client).address
    },
  }
}
