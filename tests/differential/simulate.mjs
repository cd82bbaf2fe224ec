// One simulation for each line of standard input, as JSON; one answer for each, in the same order.
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const entry = path.join(path.resolve(process.argv[2]), 'dist', 'esm', 'index.js')
const { runSimulation } = await import(pathToFileURL(entry))

async function answer(simulation) {
  try {
    const result = await runSimulation(simulation, {})
    if (result.resultType === 'error') {
      return { error: JSON.stringify(result.errors) }
    }
    if (result.result === undefined) {
      return { error: 'several resources' }
    }
    const ignored = result.result.ignoredContextKeys
    return ignored.length ? { error: 'ignored keys: ' + ignored.join(' ') } : { outcome: result.overallResult }
  } catch (fault) {
    return { error: 'fault: ' + fault.message }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + '\n')
}
