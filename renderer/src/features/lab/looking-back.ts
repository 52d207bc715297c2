/** Looking back: the lab as it stood earlier in the run, read only. The lab itself goes on meanwhile, for every window. */
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react'
import type { LabChange, LabState } from '../../../../shared/contract/lab.ts'
import { useCall } from '../../state/backend.ts'

/** Milliseconds into the run; `null`: now. */
type Moment = number | null

interface Looking {
  readonly at: Moment
  look(at: Moment): void
}

const Context = createContext<Looking>({ at: null, look: () => {} })
export const LookingProvider = Context.Provider
export const useLooking = () => useContext(Context)

/** What is to be shown: the lab now, or as it stood at the chosen moment. Another run, or its end, leads back to now. */
export function useLookingBack(lab: LabState): { readonly shown: LabState; readonly looking: Looking } {
  const call = useCall()
  const [seen, setSeen] = useState<{ readonly at: number; readonly run: number; readonly lab: LabChange } | null>(null)
  /** Answers come in any order while the slider moves: only the last one asked for counts. */
  const asked = useRef(0)
  const run = (lab.running ?? lab.free)?.startedAt ?? null
  const look = useCallback(
    (at: Moment) => {
      const ask = ++asked.current
      if (at === null || run === null) return setSeen(null)
      void call('lab.at', { atMs: at }).then((then) => {
        if (then && ask === asked.current) setSeen({ at, run, lab: then })
      })
    },
    [call, run],
  )
  useEffect(() => {
    if (seen && seen.run !== run) setSeen(null)
  }, [seen, run])
  const past = seen && seen.run === run ? seen : null
  return { shown: past ? { ...past.lab, scenarios: lab.scenarios } : lab, looking: { at: past?.at ?? null, look } }
}
