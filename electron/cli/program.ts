/** The command line as commander has it: names, options, help. What each does is in its own file. */
import { Command, CommanderError } from 'commander'
import { UsageError } from '../host/usage-error.ts'
import { complain, type ExitCode } from './answer.ts'
import { bridgeCommand } from './bridge-command.ts'
import {
  bundleLinkCommand,
  bundleShardCommand,
  bundleShowCommand,
  bundleSignCommand,
  bundleTxtCommand,
  bundleVerifyCommand,
} from './bundle-command.ts'
import { chatCommand } from './chat-command.ts'
import { labListCommand, labServeCommand } from './lab-command.ts'
import { labRunCommand } from './lab-run-command.ts'
import { labCheckCommand, labExportCommand } from './lab-scenario-command.ts'
import { connectCommand, probeCommand } from './probe-command.ts'
import { discloseCommand, relayCommand } from './relay-command.ts'

const collect = (value: string, before: string[] = []) => [...before, value]
const jsonHelp = 'answer with one JSON line, the last on standard output'

/** Runs one command. Never throws: every failure is a sentence on standard error and an exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0
  const run =
    <A extends unknown[]>(command: (...args: A) => Promise<ExitCode>) =>
    async (...args: A) => {
      code = await command(...args)
    }
  try {
    await buildProgram(run).parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    // Commander has said its sentence itself; asking for help is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    complain(error instanceof Error ? error.message : String(error))
    return error instanceof UsageError ? 2 : 1
  }
}

type Run = <A extends unknown[]>(command: (...args: A) => Promise<ExitCode>) => (...args: A) => Promise<void>

function buildProgram(run: Run): Command {
  const program = new Command('cli')
    .description('Throughline without windows: relay, lab, diagnosis and chat on the command line')
    .exitOverride()
  const withNetwork = (command: Command) =>
    command
      .requiredOption('--bundle <file>', 'the signed bundle that describes the relay')
      .option('--network <network>', 'system, or lab:VANTAGE', 'system')
      .option('--lab <host:port>', 'the gateway of a running lab')
      .option('--json', jsonHelp)

  program
    .command('relay')
    .description('run a relay')
    .requiredOption('--data <dir>', 'where it keeps everything')
    .requiredOption('--listen <host:port>', 'the address to listen on')
    .option('--advertise <name=addr,addr…>', 'how others find it; may be repeated', collect)
    .option('--cert <file>', 'certificate chain (PEM); without one the relay makes its own, which the bundle pins')
    .option('--key <file>', 'private key (PEM)')
    .option('--json', jsonHelp)
    .action(run(relayCommand))
  program
    .command('disclose')
    .description('show what a legal request for one account would get')
    .requiredOption('--data <dir>', "the relay's data")
    .requiredOption('--user <handle>', 'the account')
    .option('--json', jsonHelp)
    .action(run(discloseCommand))

  program
    .command('bridge')
    .description('run a bridge for others, and print the link that they add')
    .requiredOption('--listen <addr:port>', 'the address to listen on')
    .requiredOption('--bundle <file>', 'the signed bundle of the relay that it leads to')
    .option('--advertise <addr:port>', 'where others find it, if that is elsewhere')
    .option('--data <dir>', 'where it keeps its key, so that the link stays good')
    .option('--name <host>', 'the name that those who come show in clear; without one they show none')
    .option('--streams <n>', 'how many at a time', '100')
    .option('--kilobytes <n>', 'a second, all together', '4000')
    .option('--gigabytes <n>', 'a day, all together', '50')
    .option('--json', jsonHelp)
    .action(run(bridgeCommand))

  const lab = program.command('lab').description('the simulated internet')
  lab
    .command('serve')
    .description('run the gateway with a relay inside')
    .option('--scenario <name or file>', 'play this')
    .option('--map <addr:port=host:port>', 'put a real local server behind a virtual address; may be repeated', collect)
    .option('--socks <host:port>', "a SOCKS5 port on loopback for somebody else's client; port 0 picks a free one")
    .option('--dns <host:port>', 'the same for its look-ups, UDP and TCP')
    .option('--vantage <place>', 'where that client stands')
    .option('--record <file>', 'write down what it meets, one JSON object a line')
    .option('--json', jsonHelp)
    .action(run(labServeCommand))
  lab
    .command('check <file>')
    .description('say what is wrong with a scenario file, with the lines')
    .option('--json', jsonHelp)
    .action(run(labCheckCommand))
  lab.command('export <scenario>').description('print a scenario to start from, or "schema" for your editor').action(run(labExportCommand))
  lab.command('list').description('list the scenarios').option('--json', jsonHelp).action(run(labListCommand))
  lab
    .command('run [scenarios...]')
    .description('play scenarios headless and judge what came out')
    .option('--all', 'play every scenario')
    .option(
      '--clock <clock>',
      'real: every program a process of its own, in real time; virtual: all in one process, as fast as it computes (default: virtual for --all, else real)',
    )
    .option('--seed <n>', 'of the draws', '1')
    .option('--require <parts>', 'what must be ok for exit code 0', 'truth,delivery,verdicts')
    .option('--events <file>', 'write what happened there, as JSON lines')
    .option('--pcap <file>', 'write the packets there, for Wireshark and its like')
    .addOption(program.createOption('--remove-rules', "leave out the censor's rules").hideHelp())
    .addOption(program.createOption('--swap <from=to>', 'swap one mechanism, as lie=drop').hideHelp())
    .option('--json', jsonHelp)
    .action(run(labRunCommand))

  withNetwork(
    program.command('probe').description('diagnose this network once: exit 0 ok, 3 interference, 4 another fault, 5 inconclusive'),
  )
    .option('--timeout <seconds>', 'how long to look at most, if not everything is confirmed before', '15')
    .option('--planes <list>', 'only these, as chat,links')
    .option('--report <file>', 'write the redacted diagnostics file here')
    .action(run(probeCommand))
  withNetwork(program.command('connect').description('race until connected')).action(run(connectCommand))
  withNetwork(program.command('chat').description('a headless client: JSON commands in, JSON events out'))
    .requiredOption('--profile <dir>', 'where the client keeps everything')
    .option('--handle <name>', 'for a new profile: the name to register')
    .action(run(chatCommand))

  const bundle = program.command('bundle').description('endpoint bundles')
  bundle
    .command('sign <content>')
    .description('sign the content of a bundle')
    .requiredOption('--key <file>', "32 bytes as base64url, or a relay's keys.json")
    .option('--out <file>', 'write it here instead of standard output')
    .option('--json', jsonHelp)
    .action(run(bundleSignCommand))
  bundle
    .command('verify <file>')
    .description('check a signed bundle')
    .option('--against <file>', 'the bundle held so far')
    .option('--json', jsonHelp)
    .action(run(bundleVerifyCommand))
  bundle
    .command('shard <content>')
    .description('sign a shard: a few more ways, for some people only')
    .requiredOption('--key <file>', 'as for sign')
    .option('--out <file>', 'write it here instead of standard output')
    .option('--json', jsonHelp)
    .action(run(bundleShardCommand))
  bundle
    .command('link <files...>')
    .description('one link with a bundle and shards, to be passed on')
    .option('--json', jsonHelp)
    .action(run(bundleLinkCommand))
  bundle
    .command('txt <file>')
    .description('a bundle as TXT records of the names it gives')
    .option('--json', jsonHelp)
    .action(run(bundleTxtCommand))
  bundle.command('show <file>').description('show the content of a signed bundle').option('--json', jsonHelp).action(run(bundleShowCommand))
  return program
}
