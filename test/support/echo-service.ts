/** What the suite of ports asks for at the far end, the same in every process. */
import * as v from 'valibot'
import { BackendError } from '../../shared/contract/errors.ts'
import { type Port, serve } from '../../shared/contract/port.ts'

const nothing = v.strictObject({})
const echo = v.strictObject({ text: v.string(), bytes: v.instance(Uint8Array) })

export const echoApi = {
  calls: {
    echo: { input: echo, output: echo },
    never: { input: nothing, output: nothing },
    refuse: { input: nothing, output: nothing },
    emit: { input: v.strictObject({ count: v.number() }), output: nothing },
  },
  events: { counted: v.strictObject({ n: v.number() }) },
} as const

export function serveEcho(port: Port): void {
  const { emit } = serve(
    echoApi,
    port,
    {
      echo: async (input) => input,
      never: () => new Promise(() => {}),
      refuse: async () => {
        throw new BackendError('refused', 'because')
      },
      emit: async ({ count }) => {
        for (let n = 0; n < count; n += 1) emit('counted', { n })
        return {}
      },
    },
    () => {},
  )
}
