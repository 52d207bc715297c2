/** One scenario for each trouble that is nobody's censorship and looks like it, from the folder beside this file. */
import antivirus from './traps/antivirus.json' with { type: 'json' }
import brokenIpv6 from './traps/broken-ipv6.json' with { type: 'json' }
import captivePortal from './traps/captive-portal.json' with { type: 'json' }
import cdnRotation from './traps/cdn-rotation.json' with { type: 'json' }
import challengePage from './traps/challenge-page.json' with { type: 'json' }
import clockAhead from './traps/clock-ahead.json' with { type: 'json' }
import clockBehind from './traps/clock-behind.json' with { type: 'json' }
import companyInspection from './traps/company-inspection.json' with { type: 'json' }
import controlsDown from './traps/controls-down.json' with { type: 'json' }
import crowd from './traps/crowd.json' with { type: 'json' }
import deadProxy from './traps/dead-proxy.json' with { type: 'json' }
import expiredCertificate from './traps/expired-certificate.json' with { type: 'json' }
import familyFilter from './traps/family-filter.json' with { type: 'json' }
import geoDenial from './traps/geo-denial.json' with { type: 'json' }
import geoDns from './traps/geo-dns.json' with { type: 'json' }
import homeFilter from './traps/home-filter.json' with { type: 'json' }
import homeFilterNxdomain from './traps/home-filter-nxdomain.json' with { type: 'json' }
import hostsFile from './traps/hosts-file.json' with { type: 'json' }
import localOutage from './traps/local-outage.json' with { type: 'json' }
import lookupDown from './traps/lookup-down.json' with { type: 'json' }
import loopbackAddress from './traps/loopback-address.json' with { type: 'json' }
import nameGone from './traps/name-gone.json' with { type: 'json' }
import nxdomainSearch from './traps/nxdomain-search.json' with { type: 'json' }
import privateAddress from './traps/private-address.json' with { type: 'json' }
import ruralLine from './traps/rural-line.json' with { type: 'json' }
import serviceDark from './traps/service-dark.json' with { type: 'json' }
import serviceDown from './traps/service-down.json' with { type: 'json' }
import sleepAndResume from './traps/sleep-and-resume.json' with { type: 'json' }
import slowLookup from './traps/slow-lookup.json' with { type: 'json' }
import slowProxy from './traps/slow-proxy.json' with { type: 'json' }
import unknownAuthorityCertificate from './traps/unknown-authority-certificate.json' with { type: 'json' }
import vpnSwitch from './traps/vpn-switch.json' with { type: 'json' }
import wrongNameCertificate from './traps/wrong-name-certificate.json' with { type: 'json' }

/** Not yet checked: the loader parses them like any other file. */
export const trapScenarios: readonly unknown[] = [
  antivirus,
  brokenIpv6,
  captivePortal,
  cdnRotation,
  challengePage,
  clockAhead,
  clockBehind,
  companyInspection,
  controlsDown,
  crowd,
  deadProxy,
  expiredCertificate,
  familyFilter,
  geoDenial,
  geoDns,
  homeFilter,
  homeFilterNxdomain,
  hostsFile,
  localOutage,
  lookupDown,
  loopbackAddress,
  nameGone,
  nxdomainSearch,
  privateAddress,
  ruralLine,
  serviceDark,
  serviceDown,
  sleepAndResume,
  slowLookup,
  slowProxy,
  unknownAuthorityCertificate,
  vpnSwitch,
  wrongNameCertificate,
]
