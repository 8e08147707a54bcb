// Addresses of a name as Node gives them ("find": getaddrinfo; "resolve": c-ares), or with "get" a page there.
const dns = require('dns').promises
const http = require('http')

const [what, name] = process.argv.slice(2)

function get() {
  return new Promise((resolve, reject) => {
    const request = http.get(`http://${name}/`, (answer) => {
      answer.resume()
      resolve([answer.headers['server-address']])
    })
    request.on('error', reject)
  })
}

async function resolve() {
  const both = await Promise.allSettled([dns.resolve6(name), dns.resolve4(name)])
  const found = both.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  if (!found.length) throw both[0].reason
  return found
}

async function find() {
  return (await dns.lookup(name, { all: true })).map((one) => one.address)
}

const ways = { get, resolve, find }
ways[what]().then(
  (lines) => console.log(lines.join('\n')),
  (error) => {
    console.error(error.cause?.message ?? error.message)
    process.exit(1)
  },
)
