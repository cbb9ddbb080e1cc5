import type { Command } from 'commander'
import { addGroupCommands } from './group-commands.ts'
import type { Output } from './output.ts'
import { addTopicCommands } from './topic-commands.ts'

/** `feathermq topic …` and `feathermq group …`, over the admin API. */
export function addResourceCommands(program: Command, output: Output): void {
  addTopicCommands(program, output)
  addGroupCommands(program, output)
}
