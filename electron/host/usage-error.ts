/** Bad usage or input, in one sentence for whoever typed it; programs end with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
