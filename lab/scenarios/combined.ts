/** Several things at once: scenarios in which one finding must not hide another, from the folder beside this file. */
import badLineAndBlock from './combined/combined-bad-line-and-block.json' with { type: 'json' }
import floodAndBlock from './combined/combined-flood-and-block.json' with { type: 'json' }
import sharedFront from './combined/combined-shared-front.json' with { type: 'json' }
import threePlanes from './combined/combined-three-planes.json' with { type: 'json' }

/** Not yet checked: the loader parses them like any other file. */
export const combinedScenarios: readonly unknown[] = [threePlanes, floodAndBlock, badLineAndBlock, sharedFront]
