// Who may import whom. A rule's comment says what to do instead; test/checks/import-rules.test.ts feeds each one bad import.
// Type-only imports count as imports, except for circles and where a rule says otherwise.
const rooms = '^(electron|renderer|shared|relay|lab|rehearsal|test|scripts)/'
const core = '^electron/core/'
/** The two files that put the engine together and may take from everywhere inside it. */
const composition = '^electron/core/(index|process)\\.ts$'

/** Interfaces without a feature behind them, which the lower rooms of core may know. */
const leaves = '^electron/core/(log|store/values)\\.ts$'

const forbid = (name, from, to, comment) => ({ name, severity: 'error', from, to, comment })

module.exports = {
  forbidden: [
    forbid(
      'no-circles',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      'Two files that need each other are one file, or share a third: move what both use into a file of its own.',
    ),
    forbid(
      'nothing-unresolved',
      {},
      { couldNotResolve: true },
      'The path or package does not exist: relative imports end in .ts, and packages are listed in package.json.',
    ),
    forbid(
      'shared-is-a-leaf',
      { path: '^shared/' },
      { path: rooms, pathNot: '^shared/' },
      'Everybody imports shared, so it imports nobody: pass in what it needs, or move the file to the room that has it.',
    ),
    forbid(
      'shared-needs-no-node',
      { path: '^shared/' },
      { dependencyTypes: ['core'] },
      'shared also runs in a page: use what every place has (shared/globals.d.ts), or keep the file in a room that has Node.',
    ),
    forbid(
      'renderer-imports-only-shared',
      { path: '^renderer/' },
      { path: rooms, pathNot: '^(renderer|shared)/' },
      'A page talks to the engine through the contract only: add a call or an event to shared/contract/api.ts.',
    ),
    forbid(
      'renderer-needs-no-node',
      { path: '^renderer/src/' },
      { dependencyTypes: ['core'] },
      'A page has no Node: let the shell do it, behind the contract or an optional ability of the Shell.',
    ),
    forbid(
      'servers-import-only-shared',
      { path: '^(relay|lab)/' },
      { path: rooms, pathNot: '^($1|shared)/' },
      'relay and lab are programs of their own: what they have in common with others is a wire format in shared/protocol.',
    ),
    forbid(
      'shells-start-servers-as-processes',
      { path: '^electron/' },
      { path: '^(renderer|relay|lab|rehearsal|test|scripts)/' },
      'Start relay, lab and rehearsals as processes (electron/host) and speak with them through shared/protocol/processes.ts; serve pages from dist/.',
    ),
    forbid(
      'rehearsals-know-no-shell',
      { path: '^rehearsal/' },
      { path: rooms, pathNot: '^(rehearsal|relay|lab|shared|electron/(core|host))/' },
      'A rehearsal joins programs, not windows: what it needs of a shell belongs in electron/host.',
    ),
    forbid(
      'core-knows-no-shell',
      { path: core },
      { path: '^electron/(host|main|preload|web|cli)/' },
      'The engine runs in every shell: take what the shell has as an argument of createCore.',
    ),
    forbid(
      'host-knows-no-shell',
      { path: '^electron/host/' },
      { path: '^electron/(main|preload|web|cli)/' },
      'What the shells have in common cannot know one of them: take it as an argument.',
    ),
    forbid(
      'shells-do-not-import-shells',
      { path: '^electron/(main|web|cli)/' },
      { path: '^electron/(main|preload|web|cli)/', pathNot: '^electron/$1/' },
      'What two shells need belongs in electron/host.',
    ),
    forbid(
      'preload-imports-only-shared',
      { path: '^electron/preload/' },
      { path: rooms, pathNot: '^(electron/preload|shared)/', dependencyTypesNot: ['core'] },
      'The preload runs beside a page and stays small: a port and nothing else. Do the work in electron/main.',
    ),
    forbid(
      'net-stands-below',
      { path: `${core}net/` },
      { path: core, pathNot: `${core}net/` },
      'net is how bytes leave: it knows neither why nor for whom. Pass the decision in, or move the file up.',
    ),
    forbid(
      'diagnose-stands-alone',
      { path: `${core}diagnose/` },
      { path: core, pathNot: `${core}(diagnose|net)/` },
      'A finding is made from observations only: hand what is needed in as an Observation.',
    ),
    forbid(
      'reach-imports-net',
      { path: `${core}reach/` },
      { path: core, pathNot: [`${core}(reach|net|diagnose)/`, leaves] },
      'reach gets a connection and knows nothing of chats or stores: take an interface as an argument and let core/index.ts fill it.',
    ),
    forbid(
      'reach-takes-diagnose-types-only',
      { path: `${core}reach/` },
      { path: `${core}diagnose/`, dependencyTypesNot: ['type-only'] },
      'reach reports what it saw as an Observation (import type); judging it is called by core/index.ts.',
    ),
    forbid(
      'store-stands-below',
      { path: `${core}store/` },
      { path: core, pathNot: [`${core}store/`, leaves] },
      'The store keeps rows and knows no feature: the feature brings its queries, and core/index.ts the store.',
    ),
    forbid(
      'only-process-composes-core',
      { path: core, pathNot: composition },
      { path: composition },
      'A part of the engine cannot need the whole: take an interface as an argument.',
    ),
    forbid(
      'electron-only-in-its-shell',
      { pathNot: '^(electron/(main|preload)|test)/' },
      { path: '^electron(/(common|main|renderer))?$', dependencyTypes: ['core'] },
      'Outside its shell Electron is not there: importing it would try to download it. Use an ability the shell passes in.',
    ),
    forbid(
      'features-do-not-import-features',
      { path: '^renderer/src/features/([^/]+)/' },
      { path: '^renderer/src/features/', pathNot: '^renderer/src/features/$1/' },
      'Two features that share a component share it through renderer/src/ui; shared state lives in renderer/src/state.',
    ),
    forbid(
      'ui-knows-no-feature',
      { path: '^renderer/src/(ui|i18n|state)/' },
      { path: '^renderer/src/(features|app)/' },
      'Building blocks cannot know who is built of them: pass it in as a prop or a child.',
    ),
    forbid(
      'only-tests-import-tests',
      { path: rooms, pathNot: '^(test|scripts)/' },
      { path: '^test/' },
      'What ships cannot depend on what tests it: move the helper to the room that owns it.',
    ),
    forbid(
      'scripts-need-no-install',
      { path: '^scripts/(setup|lock|paths|leash|run)\\.mjs$' },
      { pathNot: '^scripts/', dependencyTypesNot: ['core'] },
      'These run before node_modules exists: Node built-ins only.',
    ),
    forbid(
      'packages-are-listed',
      {},
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
      'Packages of packages come and go: list this one in package.json with its exact version.',
    ),
    forbid(
      'libsignal-is-measured-only',
      { path: rooms, pathNot: '^test/bench/' },
      { path: 'node_modules/@signalapp/libsignal-client/' },
      'It is there to be measured beside ours: the cryptography of secret chats is in electron/core/secret/crypto.',
    ),
    forbid(
      'what-ships-needs-no-dev-package',
      { path: '^(electron/(core|host|web|cli)|relay|lab|rehearsal|shared)/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
      'Who installs Throughline without its tools has not got this package: move it from devDependencies to dependencies.',
    ),
  ],
  options: {
    // Electron's own modules exist only inside Electron, and one of them is called like a folder of ours.
    builtInModules: { add: ['electron', 'electron/common', 'electron/main', 'electron/renderer'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.cache|\\.throughline|bench-results|test-results)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
