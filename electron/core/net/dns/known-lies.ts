/**
 * Addresses that forgers are known to answer with, whatever is asked: none of them serves anybody who is looked up. Data, to be added to,
 * from OONI's blocking fingerprints (detection.md, section 3), and bortzmeyer.org for France. Iran's 10.10.34.34 to 36 are bogons.
 */
export const knownLies: ReadonlySet<string> = new Set([
  // China: ooni.cn_*, the long-lived pool of the injectors.
  '8.7.198.45',
  '37.61.54.158',
  '46.82.174.68',
  '59.24.3.173',
  '78.16.49.15',
  '93.46.8.89',
  '159.106.121.75',
  '203.98.7.65',
  '243.185.187.39',
  // Russia: ooni.ru_*, block pages of providers.
  '5.3.3.17',
  '62.33.207.196',
  '62.33.207.197',
  '81.200.2.238',
  '95.167.13.50',
  '95.167.13.51',
  '171.25.175.70',
  '188.186.146.207',
  '188.186.146.208',
  '188.186.154.79',
  '188.186.154.88',
  '195.128.72.3',
  // Turkey: ooni.tr_6, since 2014.
  '195.175.254.2',
  // France, May 2023: the ministry's page.
  '77.159.252.152',
])
