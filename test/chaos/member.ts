import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Link } from '../../sdk/src/testing-internal/link.ts'
import { type Child, message, start } from '../support/child.ts'
import type { Place, Routes } from './fleet.ts'

/** One broker of the fleet: a process on a directory, reached over a link whose address never changes. */
export class Member {
  readonly name: string
  readonly link: Link
  readonly #folder: string
  readonly #life: number
  #child: Child | undefined
  #routes: Routes = {}

  private constructor(name: string, folder: string, link: Link, life: number) {
    this.name = name
    this.#folder = folder
    this.link = link
    this.#life = life
  }

  /** @param life ms after which its processes are killed whatever happens */
  static async make(name: string, folder: string, life: number): Promise<Member> {
    mkdirSync(folder, { recursive: true })
    // Where it leads is known when the broker listens.
    const link = await Link.open(0)
    return new Member(name, folder, link, life)
  }

  get place(): Place {
    return { name: this.name, host: '127.0.0.1', port: this.link.port }
  }

  get running(): boolean {
    return this.#child !== undefined
  }

  async start(): Promise<void> {
    const program = fileURLToPath(new URL('broker-process.ts', import.meta.url))
    const args = ['--conditions=feathermq-source', '--import', 'tsx', program, this.name, this.#folder, JSON.stringify(this.#routes)]
    const child = start(process.execPath, args, { ipc: true, timeout: this.#life })
    this.#child = child
    const { port } = (await message(child)) as { readonly port: number }
    child.process.send(this.#routes)
    this.link.retarget(port)
  }

  tell(routes: Routes): void {
    this.#routes = routes
    if (this.#child?.process.connected === true) this.#child.process.send(routes)
  }

  /** As a crash. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    await child?.ended
  }

  /** As an operator does it. @returns what it wrote to stderr. */
  async stop(): Promise<string> {
    const child = this.#child
    this.#child = undefined
    if (child?.process.connected === true) child.process.send('stop')
    return (await child?.ended)?.stderr ?? ''
  }

  async close(): Promise<void> {
    await this.kill()
    await this.link.close()
  }
}
