/** One scenario for each mechanism of a censor, from the folder beside this file. */
import activeProbing from './mechanisms/active-probing.json' with { type: 'json' }
import allowList from './mechanisms/allow-list.json' with { type: 'json' }
import dnsInjection from './mechanisms/dns-injection.json' with { type: 'json' }
import dnsInjectionPool from './mechanisms/dns-injection-pool.json' with { type: 'json' }
import dnsLie from './mechanisms/dns-lie.json' with { type: 'json' }
import dnsNxdomain from './mechanisms/dns-nxdomain.json' with { type: 'json' }
import dnsSilence from './mechanisms/dns-silence.json' with { type: 'json' }
import freeze from './mechanisms/freeze.json' with { type: 'json' }
import fullyEncrypted from './mechanisms/fully-encrypted.json' with { type: 'json' }
import httpBlockpage from './mechanisms/http-blockpage.json' with { type: 'json' }
import httpBlockpageTracker from './mechanisms/http-blockpage-tracker.json' with { type: 'json' }
import ipDrop from './mechanisms/ip-drop.json' with { type: 'json' }
import ipReset from './mechanisms/ip-reset.json' with { type: 'json' }
import ipUnreachable from './mechanisms/ip-unreachable.json' with { type: 'json' }
import overload from './mechanisms/overload.json' with { type: 'json' }
import prefixBlock from './mechanisms/prefix-block.json' with { type: 'json' }
import protocolAllowList from './mechanisms/protocol-allow-list.json' with { type: 'json' }
import reroute from './mechanisms/reroute.json' with { type: 'json' }
import residual from './mechanisms/residual.json' with { type: 'json' }
import shutdown from './mechanisms/shutdown.json' with { type: 'json' }
import sniClose from './mechanisms/sni-close.json' with { type: 'json' }
import sniDrop from './mechanisms/sni-drop.json' with { type: 'json' }
import sniReassembly from './mechanisms/sni-reassembly.json' with { type: 'json' }
import sniReset from './mechanisms/sni-reset.json' with { type: 'json' }
import sniSubstring from './mechanisms/sni-substring.json' with { type: 'json' }
import throttle from './mechanisms/throttle.json' with { type: 'json' }
import tlsMitm from './mechanisms/tls-mitm.json' with { type: 'json' }

/** Not yet checked: the loader parses them like any other file. */
export const mechanismScenarios: readonly unknown[] = [
  activeProbing,
  allowList,
  dnsInjection,
  dnsInjectionPool,
  dnsLie,
  dnsNxdomain,
  dnsSilence,
  freeze,
  fullyEncrypted,
  httpBlockpage,
  httpBlockpageTracker,
  ipDrop,
  ipReset,
  ipUnreachable,
  overload,
  prefixBlock,
  protocolAllowList,
  reroute,
  residual,
  shutdown,
  sniClose,
  sniDrop,
  sniReassembly,
  sniReset,
  sniSubstring,
  throttle,
  tlsMitm,
]
