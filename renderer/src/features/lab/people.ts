/** People in the lab by name, and the one client among them that is nobody's: the plain one, which stands beside a story's person. */
import type { LabState } from '../../../../shared/contract/lab.ts'

/** As the shell names it to the gateway. */
const PLAIN = 'plain'
export const isPlain = ({ name }: Pick<LabState['clients'][number], 'name'>) => name === PLAIN
export const peopleOf = ({ clients }: Pick<LabState, 'clients'>) => clients.filter((client) => !isPlain(client))
