/** What the screens ask about getting through and about findings: the calls of the Path view. */
import type { CoreHandlers } from '../../shared/contract/api.ts'
import type { PathState } from '../../shared/contract/path.ts'
import { whyOf } from './diagnose/why.ts'
import { compareWith } from './export/compare.ts'
import { exported } from './export/exported.ts'
import { errorFacts } from './log.ts'
import type { CoreDeps } from './parts.ts'

export interface PathCallsDeps extends Pick<CoreDeps, 'parts' | 'bundle' | 'log' | 'version'> {
  readonly path: () => PathState
}

type PathCall = Extract<keyof CoreHandlers, `${'path' | 'history' | 'route' | 'proxy' | 'bundle'}.${string}`>

export function pathCalls({ parts, bundle, log, version, path }: PathCallsDeps): Pick<CoreHandlers, PathCall> {
  const { reach, diagnosis, history } = parts
  const done = {}
  const diagnostics = () =>
    exported({
      path: path(),
      evidence: diagnosis.evidence(),
      history: history.history().lines,
      bundle: bundle(),
      forFew: reach.bundles.forFew(),
      version,
    })
  return {
    'path.get': async () => path(),
    'history.get': async () => history.history(),
    'path.return': async () => {
      reach.returnNow()
      return done
    },
    'path.retry': async () => {
      reach.retry()
      return done
    },
    'path.probe': async () => {
      // Its outcome comes as `path.changed`.
      diagnosis.probe().catch((error: unknown) => log.warn('probe failed', errorFacts(error)))
      return done
    },
    'path.stopProbe': async () => {
      diagnosis.stopProbe()
      return done
    },
    'path.compare': async ({ text }) => compareWith(diagnostics().file, text),
    'path.why': async ({ plane }) => whyOf(diagnosis.evidence(), plane),
    'path.export': async () => ({ text: diagnostics().text }),
    'path.try': async ({ recipe }) => reach.tryRoute(recipe),
    'route.pin': async ({ recipe }) => {
      reach.pinRoute(recipe)
      return done
    },
    'route.ban': async ({ recipe }) => {
      reach.banRoute(recipe)
      return done
    },
    'route.clear': async ({ recipe }) => {
      reach.clearRoute(recipe)
      return done
    },
    'path.forget': async ({ scope }) => {
      reach.forget(scope)
      history.forget(scope)
      return done
    },
    'proxy.add': async ({ url }) => {
      reach.addProxy(url)
      return done
    },
    'proxy.remove': async ({ proxyId }) => {
      reach.removeProxy(proxyId)
      return done
    },
    'bundle.state': async () => reach.bundles.state(),
    'bundle.import': async ({ text }) => reach.bundles.take(text),
    'bundle.share': async () => reach.bundles.share(),
    'bundle.refresh': async () => {
      reach.bundles.refresh()
      return done
    },
  }
}
