// `npm run soak [-- PART]`: the tests that take long, which `npm test` leaves out.
import { runParts } from './parts.mjs'

await runParts('soak')
