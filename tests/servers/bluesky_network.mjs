// Runs Bluesky's own programs (a PDS, the AppView, the PLC directory) on this machine, puts the invented story in, prints
// one line of JSON with what went in and the addresses that the servers gave it, and runs until it is ended.

import net from 'node:net'
import fs from 'node:fs/promises'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

// Nothing listens beyond loopback, whatever the programs ask for.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...more) {
  const options = typeof port === 'object' && port !== null ? port : { port }
  const ready = more.find((each) => typeof each === 'function')
  return listen.call(this, options.path ? options : { ...options, host: '127.0.0.1' }, ready)
}

const [folder, picture] = process.argv.slice(2)
const found = createRequire(pathToFileURL(`${folder}/package.json`)).resolve('@atproto/dev-env')
const { TestNetwork } = await import(pathToFileURL(found))

const network = await TestNetwork.create({ dbPostgresSchema: 'osint' })
const client = network.getSeedClient()
const agent = network.pds.getAgent()
const [POST, REPOST] = ['app.bsky.feed.post', 'app.bsky.feed.repost']
const truth = { accounts: {}, records: {}, bulk: [], chain: [] }

async function account(name) {
  const made = { email: `${name}@mail.example`, handle: `${name}.test`, password: 'invented' }
  await client.createAccount(name, made)
  truth.accounts[name] = { did: client.dids[name], handle: made.handle }
}

async function create(by, collection, record, rkey) {
  const did = client.dids[by]
  const headers = client.getHeaders(did)
  const value = { $type: collection, createdAt: new Date().toISOString(), ...record }
  const asked = { repo: did, collection, record: value, rkey }
  const { data } = await agent.com.atproto.repo.createRecord(asked, { headers, encoding: 'application/json' })
  return { uri: data.uri, cid: data.cid, by, collection, value: JSON.parse(JSON.stringify(value)) }
}

async function put(name, by, collection, record, rkey) {
  truth.records[name] = await create(by, collection, record, rkey)
  return truth.records[name]
}

const post = (name, by, text, more = {}) => put(name, by, POST, { text, ...more })
const ref = ({ uri, cid }) => ({ uri, cid })
const answering = (root, parent) => ({ reply: { root: ref(root), parent: ref(parent) } })
const bytes = (text) => Buffer.byteLength(text)

// The words of a facet, and where they lie in the text, in bytes.
function facet(text, words, feature) {
  const byteStart = bytes(text.slice(0, text.indexOf(words)))
  return { index: { byteStart, byteEnd: byteStart + bytes(words) }, features: [feature] }
}

for (const name of ['jane', 'sam', 'kim', 'lee', 'noor', 'nobody']) await account(name)
const { jane, sam, kim, lee, noor } = client.dids

await put('profile', 'jane', 'app.bsky.actor.profile', { displayName: 'Jané 🌊 Example', description: 'Tides & piers.\nنص' }, 'self')
const kept = { values: [{ val: '!no-unauthenticated' }], $type: 'com.atproto.label.defs#selfLabels' }
await put('noor_profile', 'noor', 'app.bsky.actor.profile', { displayName: 'Noor', labels: kept }, 'self')

const upload = async () => {
  const headers = client.getHeaders(jane)
  return (await agent.com.atproto.repo.uploadBlob(await fs.readFile(picture), { headers, encoding: 'image/jpeg' })).data.blob
}
const image = { image: await upload(), alt: 'The pier, 🌊 and two people', aspectRatio: { width: 1600, height: 1200 } }
const images = { $type: 'app.bsky.embed.images', images: [image, { ...image, alt: '' }] }

const harbour = await post('harbour', 'sam', 'Harbour is quiet.')
const rich = 'Tide 🌊🏴‍☠️ at the pier: @sam.test see pier.example #Tidewater'
const first = await post('rich', 'jane', rich, {
  langs: ['en', 'nl'],
  facets: [
    facet(rich, '@sam.test', { $type: 'app.bsky.richtext.facet#mention', did: sam }),
    facet(rich, 'pier.example', { $type: 'app.bsky.richtext.facet#link', uri: 'https://pier.example/tide?a=1&b=2' }),
    facet(rich, '#Tidewater', { $type: 'app.bsky.richtext.facet#tag', tag: 'Tidewater' }),
  ],
})
await post('backdated', 'jane', 'Written in February, says its author.', { createdAt: '2026-02-14T17:42:10.000Z' })
await post('future', 'jane', 'Written in 2031, says its author.', { createdAt: '2031-01-01T00:00:00+02:00' })
await post('pictures', 'jane', 'Two pictures.', { embed: images })
await post('rtl', 'jane', 'شوهدت عند الرصيف', { langs: ['ar'], tags: ['رصيف'] })
await post('quote', 'jane', 'As Sam says.', { embed: { $type: 'app.bsky.embed.record', record: ref(harbour) } })
await post('quote_with_pictures', 'jane', '', {
  embed: { $type: 'app.bsky.embed.recordWithMedia', record: { record: ref(harbour) }, media: images },
})
const card = { uri: 'https://news.example/missing', title: 'Missing', description: 'Seen at the pier' }
await post('card', 'jane', 'Read this.', { embed: { $type: 'app.bsky.embed.external', external: card } })

const answer = await post('answer', 'sam', 'Which tide?', answering(first, first))
await post('answer_of_jane', 'jane', 'The evening one.', answering(first, answer))
await post('answer_of_kim', 'kim', 'I was there.', answering(first, first))
const doomed = await post('deleted', 'jane', 'I should not have said this.', answering(first, first))
await post('below_deleted', 'sam', 'Too late, I read it.', answering(first, doomed))
await post('quote_of_deleted', 'jane', 'What I said.', { embed: { $type: 'app.bsky.embed.record', record: ref(doomed) } })
await post('of_kim', 'kim', 'My only post.')
await post('of_lee', 'lee', 'Soon suspended.')
await post('of_noor', 'noor', 'For those who are signed in.')

const subject = ref(harbour)
await put('repost', 'jane', REPOST, { subject })
await put('like', 'jane', 'app.bsky.feed.like', { subject })
await put('follow', 'jane', 'app.bsky.graph.follow', { subject: sam })
await put('block', 'jane', 'app.bsky.graph.block', { subject: lee })
for (let number = 1; number <= 105; number++) truth.bulk.push(await create('jane', POST, { text: `Tide table ${number}` }))
truth.chain.push(await create('sam', POST, { text: 'A long talk' }))
for (let number = 1; number <= 104; number++) {
  const above = truth.chain.at(-1)
  truth.chain.push(await create('sam', POST, { text: `Talk ${number}`, ...answering(truth.chain[0], above) }))
}
await network.processAll(60000)

await client.deletePost(jane, { rkey: doomed.uri.split('/').pop() })
await agent.com.atproto.server.deactivateAccount({}, { headers: client.getHeaders(kim), encoding: 'application/json' })
await network.processAll(60000)
await network.bsky.ctx.dataplane.takedownActor({ did: lee, ref: 'test' })

const version = async (name) => JSON.parse(await fs.readFile(`${folder}/node_modules/@atproto/${name}/package.json`)).version
truth.versions = { pds: await version('pds'), bsky: await version('bsky') }
truth.servers = { pds: network.pds.url, bsky: network.bsky.url, plc: network.plc.url }
console.log(`SEEDED ${JSON.stringify(truth)}`)
