// `npm run bench [-- PART]`: measures, and prints tables that test/bench/table.ts also writes to bench-results/.
import { runParts } from './parts.mjs'

await runParts('bench')
