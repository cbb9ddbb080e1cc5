// Has a program kept, says so, and waits to be killed.
import { Keeper } from './keeper.ts'

const keeper = new Keeper()
const { pid } = await keeper.start('patient', process.execPath, process.argv.slice(2))
console.log(JSON.stringify({ pid, folder: keeper.folder }))
