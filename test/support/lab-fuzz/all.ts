/** Every fuzz check there is. */
import type { FuzzCheck } from './check.ts'
import { contentChecks } from './contents.ts'
import { frameChecks } from './frames.ts'
import { loopbackChecks } from './loopback.ts'
import { scenarioChecks } from './scenario-files.ts'

export const fuzzChecks: readonly FuzzCheck[] = [...frameChecks, ...contentChecks, ...scenarioChecks, ...loopbackChecks]
