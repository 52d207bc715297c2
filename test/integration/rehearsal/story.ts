/** The card of a scenario that a test makes for itself. */
export const card = {
  id: 'own-story',
  kind: 'mechanism',
  title: 'A story of a test',
  place: 'A country of the lab',
  dates: 'any day',
  demand: 'None.',
  answer: 'None.',
  meant: 'One client.',
  hit: 'Its connections.',
  whoPaid: 'That client.',
  tryThis: 'Meet it',
  claims: [{ text: 'It is staged.', mark: 'reported', source: 'this test' }],
  sources: [{ title: 'this test', publisher: 'Throughline', date: '2026' }],
  standIns: [],
  vantage: 'ru-moscow-a',
  seconds: 240,
} as const
